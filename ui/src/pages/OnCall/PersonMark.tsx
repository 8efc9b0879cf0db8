import { IconUserOff } from "@tabler/icons-react";
import type { OnCallPerson } from "@/api/types";
import classes from "./OnCall.module.css";

export function nameOf(id: string, people: readonly OnCallPerson[]): string {
  return people.find((one) => one.id === id)?.name ?? id;
}

/** A person in their colour; or that there is nobody, in words. */
export function PersonMark({
  id,
  people,
  colors,
}: {
  id: string | null;
  people: readonly OnCallPerson[];
  colors: (id: string) => string;
}) {
  if (id === null)
    return (
      <span className={`${classes.person} ${classes.nobody}`}>
        <IconUserOff size={14} aria-hidden />
        nobody
      </span>
    );
  return (
    <span className={classes.person}>
      <i aria-hidden style={{ background: colors(id) }} />
      {nameOf(id, people)}
    </span>
  );
}
