import { FieldTable } from "@/components/FieldTable";
import { fieldRows, sectionsOf } from "@/model/errors/contexts";
import classes from "./Issue.module.css";

/** Request, user, device and whatever else was told of the event. */
export function Contexts({ event }: { event: Record<string, unknown> }) {
  return (
    <div className={classes.contexts}>
      {sectionsOf(event).map(({ title, values }) => (
        <FieldTable key={title} title={title} rows={fieldRows(values)} />
      ))}
    </div>
  );
}
