import { useQueries } from "@tanstack/react-query";
import { request } from "@/api/client";
import type { NotificationList } from "@/api/types";
import { Go } from "@/components/Go";
import { RelativeTime } from "@/components/Time";
import { reasonWords } from "@/model/notifications";
import { StateMark } from "./StateMark";
import classes from "./Alerts.module.css";

const GROUPS_MAX = 5;
const EACH = 10;

/** The newest notifications of the groups that an alert is in, each leading to what was sent and answered. */
export function SentAbout({ groupKeys, fingerprint }: { groupKeys: readonly string[]; fingerprint: string }) {
  const found = useQueries({
    queries: groupKeys.slice(0, GROUPS_MAX).map((group_key) => ({
      queryKey: ["notifications", { group_key, limit: EACH }],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        request<NotificationList>("notifications", { params: { group_key, limit: EACH }, signal }),
    })),
  });
  const sent = found
    .flatMap((one) => one.data?.notifications ?? [])
    .sort((a, b) => Date.parse(b.created) - Date.parse(a.created));
  const failed = found.find((one) => one.error)?.error;
  return (
    <section aria-label="Notifications of its group">
      <h3>Notifications of its group</h3>
      {failed && <p className="small bad">{failed.message}</p>}
      {sent.length === 0 && !failed && <p className="small soft">Nobody was told yet.</p>}
      <ul className={classes.events}>
        {sent.map((one) => (
          <li key={one.id}>
            <RelativeTime time={one.created} />
            <span>
              <Go to="/alerts/notifications" search={{ alert: fingerprint, open: one.id }} className="among">
                {one.receiver} by {one.integration}
              </Go>{" "}
              <span className="soft">{reasonWords(one.reason)}</span> <StateMark state={one.state} />
              {one.error && <span className="bad"> {one.error}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
