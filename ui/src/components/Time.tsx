import { useEffect, useState } from "react";
import { formatAbsolute, formatRelative } from "@/lib/format";
import { usePreferences } from "@/state/preferences";

/** Now, moving on every ten seconds, or as often as is said; `false`: not. */
export function useNow(everyMs: number | false = 10_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === false) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** “2 min ago”, with the absolute time on hover. `fresh`: of what has just been, so told by the second and never “in 3 s”. */
export function RelativeTime({ time, fresh = false }: { time: string | null | undefined; fresh?: boolean }) {
  const now = useNow(fresh ? 1000 : undefined);
  const { zone } = usePreferences();
  if (!time) return <span className="soft">never</span>;
  return (
    <time dateTime={time} title={formatAbsolute(time, zone)}>
      {formatRelative(time, fresh ? Math.max(now, Date.parse(time)) : now)}
    </time>
  );
}

export function AbsoluteTime({ time }: { time: string }) {
  const { zone } = usePreferences();
  return (
    <time dateTime={time} title={formatAbsolute(time, zone === "utc" ? "local" : "utc")} className="mono">
      {formatAbsolute(time, zone)}
    </time>
  );
}
