import { formatNanos } from "@/lib/format";
import classes from "./Trace.module.css";

const TICKS = 5;

/** Times after the trace's begin; beside the waterfall's names, or over the whole width. */
export function TimeAxis({ fromNs, toNs, beside }: { fromNs: number; toNs: number; beside?: "names" }) {
  return (
    <div className={classes.ticks} data-beside={beside} aria-hidden>
      {Array.from({ length: TICKS }, (_, at) => (
        <span key={at}>{formatNanos(fromNs + ((toNs - fromNs) * at) / (TICKS - 1))}</span>
      ))}
    </div>
  );
}
