import type { EventFacts } from "@/api/types";
import { Dotted } from "@/components/Dotted";
import fields from "@/components/Fields.module.css";
import { fieldRows, sectionsOf } from "@/model/errors/contexts";
import classes from "./Issue.module.css";

/** Request, user, device and whatever else was told of the event. */
export function Contexts({ event, facts }: { event: Record<string, unknown>; facts: EventFacts }) {
  const sections = sectionsOf(event);
  return (
    <div className={classes.contexts} data-id={facts.event_id}>
      {sections.map(({ title, values }) => (
        <section key={title} aria-label={title}>
          <h3>{title}</h3>
          <table className={fields.fields}>
            <tbody>
              {fieldRows(values).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">
                    <Dotted name={name} />
                  </th>
                  <td className="mono">{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </div>
  );
}
