import classes from "./Analytics.module.css";

/** As much of a bar as a share of it, 0 to 1; nothing is nothing. The figure stands beside it. */
export function Bar({ share }: { share: number }) {
  return (
    <span className={classes.bar} aria-hidden>
      {share > 0 && <i style={{ width: `${share * 100}%` }} />}
    </span>
  );
}
