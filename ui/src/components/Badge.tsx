import type { ReactNode } from "react";
import classes from "./Badge.module.css";

export type BadgeTone = "bad" | "warning" | "info" | "good" | "none";

/** A word in its meaning's colour. */
export function Badge({ tone, title, children }: { tone: BadgeTone; title?: string; children: ReactNode }) {
  return (
    <span className={classes.badge} data-tone={tone} title={title}>
      {children}
    </span>
  );
}
