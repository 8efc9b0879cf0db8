import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import classes from "./SortHead.module.css";

/** A column heading that sorts. */
export function SortHead({
  label,
  sorted,
  numeric = true,
  wideOnly = false,
  onSort,
}: {
  label: string;
  sorted: "up" | "down" | null;
  numeric?: boolean;
  /** Left out on a phone. */
  wideOnly?: boolean;
  onSort: () => void;
}) {
  const Arrow = sorted === "up" ? IconArrowUp : IconArrowDown;
  return (
    <th
      className={`${numeric ? "num" : ""} ${wideOnly ? "wide-only" : ""}`}
      aria-sort={sorted === null ? "none" : sorted === "up" ? "ascending" : "descending"}
    >
      <button type="button" className={classes.button} data-sorted={sorted !== null} onClick={onSort}>
        {label}
        <Arrow size={12} aria-hidden />
      </button>
    </th>
  );
}
