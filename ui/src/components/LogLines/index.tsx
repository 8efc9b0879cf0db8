import type { LogRow } from "@/api/types";
import { plainText, searchValue } from "@/lib/format";
import { Go } from "../Go";
import { LevelBadge } from "../LevelBadge";
import { RelativeTime } from "../Time";
import classes from "./LogLines.module.css";

interface LogSearch extends Record<string, unknown> {
  query: string;
}

/** A few lines of log outside the Logs page; each leads to itself there, among those that `searchOf` finds. */
export function LogLines({ rows, searchOf }: { rows: readonly LogRow[]; searchOf: (row: LogRow) => LogSearch }) {
  return (
    <div>
      {rows.map((row) => (
        <div key={row.id} className={classes.line}>
          <LevelBadge level={row.level} />
          <Go to="/services/$name" params={{ name: row.service }} className="truncate">
            {row.service}
          </Go>
          <Go to="/logs" search={{ ...searchOf(row), line: row.id }} className="mono truncate" title={row.body}>
            {plainText(row.body) || row.event_name || "(no text)"}
          </Go>
          <span className="soft small num">
            <RelativeTime time={row.timestamp} />
          </span>
        </div>
      ))}
    </div>
  );
}

/** Errors of its service. */
export function errorsLike(row: LogRow): LogSearch {
  return { query: `service:${searchValue(row.service)} level:error` };
}
