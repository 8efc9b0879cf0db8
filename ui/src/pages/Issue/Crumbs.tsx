import { Button } from "@mantine/core";
import { useState } from "react";
import { LevelBadge } from "@/components/LevelBadge";
import { formatClock, formatMillis, plural } from "@/lib/format";
import { type Crumb, crumbsOf, crumbWords } from "@/model/errors/event";
import { usePreferences } from "@/state/preferences";
import classes from "./Issue.module.css";

const SHOWN = 15;
const LEVELS: Record<string, string> = { warning: "warn", critical: "fatal", log: "info" };

/** What was done before it happened, the last first. */
export function Crumbs({ event, at }: { event: Record<string, unknown>; at: string }) {
  const [all, setAll] = useState(false);
  const crumbs = crumbsOf(event).reverse();
  if (crumbs.length === 0) return null;
  const shown = all ? crumbs : crumbs.slice(0, SHOWN);
  return (
    <section aria-label="Breadcrumbs">
      <div className="spread">
        <h3>Breadcrumbs</h3>
        <span className="small soft">{plural(crumbs.length, "step")} before it, the last first</span>
      </div>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Steps before it">
        <table className={`dense ${classes.crumbs}`}>
          <thead>
            <tr>
              <th>Before</th>
              <th>What</th>
              <th>Level</th>
              <th>Said</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((crumb, place) => (
              <Row key={place} crumb={crumb} eventMs={Date.parse(at)} />
            ))}
          </tbody>
        </table>
      </div>
      {crumbs.length > SHOWN && (
        <Button variant="subtle" size="compact-xs" onClick={() => setAll(!all)}>
          {all ? `Show the last ${SHOWN}` : `Show all ${crumbs.length}`}
        </Button>
      )}
    </section>
  );
}

function Row({ crumb, eventMs }: { crumb: Crumb; eventMs: number }) {
  const { zone } = usePreferences();
  const { atMs, category, level, data } = crumb;
  const held = Object.keys(data).length > 0 ? JSON.stringify(data, null, 2) : "";
  return (
    <tr>
      <td className="soft" title={atMs === null ? undefined : formatClock(atMs, zone)}>
        {atMs === null ? "–" : formatMillis(Math.max(0, eventMs - atMs))}
      </td>
      <td>{category}</td>
      <td>
        <LevelBadge level={LEVELS[level] ?? level} />
      </td>
      <td className="mono">
        {held && crumb.message ? (
          <details>
            <summary>{crumbWords(crumb)}</summary>
            <pre className={classes.text}>{held}</pre>
          </details>
        ) : (
          <span title={held || undefined}>{crumbWords(crumb) || "–"}</span>
        )}
      </td>
    </tr>
  );
}
