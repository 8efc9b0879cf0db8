import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { formatSeconds } from "@/lib/format";
import classes from "./State.module.css";

const SHOWN_AFTER_SECONDS = 1;

/** A question that takes longer than a second says for how long, and can be taken back: the server stops it too. */
export function Slow({ busy, what, onCancel }: { busy: boolean; what: string; onCancel: () => void }) {
  return busy ? <Clock what={what} onCancel={onCancel} /> : null;
}

function Clock({ what, onCancel }: { what: string; onCancel: () => void }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const began = performance.now();
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - began) / 1000)), 200);
    return () => clearInterval(timer);
  }, []);
  if (seconds < SHOWN_AFTER_SECONDS) return null;
  return (
    <div className={classes.notice} data-tone="info">
      <span role="status">Still {what}</span>
      <span className="num">{formatSeconds(seconds)}</span>
      <Button size="compact-xs" variant="default" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
