import classes from "./Middle.module.css";

const TAIL = 10;

/** A name of any length in one line: where it does not fit its middle goes, and both ends stay. */
export function Middle({ text }: { text: string }) {
  const letters = [...text];
  if (letters.length <= 2 * TAIL) return <span className="truncate">{text}</span>;
  return (
    <span className={classes.middle}>
      <span className={classes.head}>{letters.slice(0, -TAIL).join("")}</span>
      <span className={classes.tail}>{letters.slice(-TAIL).join("")}</span>
    </span>
  );
}
