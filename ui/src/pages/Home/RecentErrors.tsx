import { Link } from "@tanstack/react-router";
import { useScopedApi } from "@/api/queries";
import type { LogPage } from "@/api/types";
import { LevelBadge } from "@/components/LevelBadge";
import { Loaded, SkeletonRows } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { plainText, searchValue } from "@/lib/format";
import classes from "./Home.module.css";

export function RecentErrors() {
  const query = useScopedApi<LogPage>("logs", { query: "(level:error OR level:fatal)", limit: 8 });
  return (
    <Loaded
      query={query}
      what="recent errors"
      skeleton={<SkeletonRows rows={3} />}
      empty={(data) => data.rows.length === 0 && <p className="soft">No error line in this time range.</p>}
    >
      {(data) => (
        <div>
          {data.rows.map((row) => (
            <div key={row.id} className={classes.line}>
              <LevelBadge level={row.level} />
              <Link to="/services/$name" params={{ name: row.service }} className="truncate">
                {row.service}
              </Link>
              <Link
                to="/logs"
                search={{ query: `service:${searchValue(row.service)} level:error`, line: row.id } as never}
                className="mono truncate"
                title={row.body}
              >
                {plainText(row.body) || row.event_name || "(no text)"}
              </Link>
              <span className="soft small num">
                <RelativeTime time={row.timestamp} />
              </span>
            </div>
          ))}
        </div>
      )}
    </Loaded>
  );
}
