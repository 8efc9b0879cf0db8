import { IconMoon } from "@tabler/icons-react";
import { LIVE_MS, useApi } from "@/api/queries";
import type { AlertHistory, RuleGroups } from "@/api/types";
import { Go } from "@/components/Go";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { plural } from "@/lib/format";
import { ownOf } from "@/model/rules";
import classes from "./Quiet.module.css";

/** Nothing fires: that somebody watches all the same, and when it was last not so. */
export function Quiet() {
  const last = useApi<AlertHistory>("alert-history", { kind: "resolved", limit: 1 });
  const rules = useApi<RuleGroups>("rules", {}, { everyMs: LIVE_MS });
  const groups = rules.data?.groups ?? [];
  const count = groups.flatMap((group) => group.rules).filter((rule) => rule.kind === "alerting").length;
  const evaluated = rules.data?.groups
    .map((group) => group.evaluated_at ?? "")
    .sort()
    .at(-1);
  const event = last.data?.events[0];
  return (
    <div className={classes.quiet} role="status">
      <IconMoon size={32} stroke={1.25} aria-hidden />
      <h2>All is quiet</h2>
      {event ? (
        <p>
          It was last not so until <RelativeTime time={event.at} />, when{" "}
          <Go to="/alerts" search={{ open: event.fingerprint }} className="among">
            {event.rule}
          </Go>{" "}
          resolved{" "}
          <span className="soft">
            (<AbsoluteTime time={event.at} />)
          </span>
          .
        </p>
      ) : (
        last.data && <p>Nothing has ever fired here.</p>
      )}
      {rules.data && (
        <p className="soft">
          <Go to="/alerts/rules" className="among">
            {plural(count, "alerting rule")}
          </Go>
          {rules.data.evaluating ? (
            evaluated ? (
              <>
                , last evaluated <RelativeTime time={evaluated} fresh />
              </>
            ) : (
              ", not evaluated yet"
            )
          ) : (
            ", evaluated by another server"
          )}
          .
        </p>
      )}
      {rules.data && groups.every(ownOf) && (
        <p className="soft">
          All of them are Midwatch&apos;s own: files of Prometheus&apos;s rules in the plan&apos;s folder{" "}
          <code>rules</code> add yours.
        </p>
      )}
    </div>
  );
}
