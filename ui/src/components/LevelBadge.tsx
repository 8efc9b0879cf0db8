import { Badge, type BadgeTone } from "./Badge";
import classes from "./LevelBadge.module.css";

const TONE: Record<string, BadgeTone> = {
  fatal: "bad",
  error: "bad",
  warn: "warning",
  info: "info",
  ok: "good",
};

/** A log level or span status in its meaning's colour, the word always beside it. */
export function LevelBadge({ level }: { level: string }) {
  return (
    <span className={classes.level}>
      <Badge tone={TONE[level] ?? "none"}>{level}</Badge>
    </span>
  );
}
