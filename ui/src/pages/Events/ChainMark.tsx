import { Button, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconLink, IconLinkOff } from "@tabler/icons-react";
import { useApi, useChange } from "@/api/queries";
import type { Chain, ChainVerdict } from "@/api/types";
import { Go } from "@/components/Go";
import { RelativeTime } from "@/components/Time";
import { formatExact } from "@/lib/format";
import classes from "./Events.module.css";

/** Whether the chain of events is intact, as of the last walk; and a button that walks it now. */
export function ChainMark() {
  const query = useApi<Chain>("events/chain", {}, { everyMs: 30_000 });
  const verify = useChange<null, ChainVerdict>(() => ({ path: "events/verify", method: "GET" }), ["events/chain"]);
  const chain = query.data;
  if (!chain || chain.position === 0) return null;
  const verdict = verify.data ?? chain.verdict;
  return (
    <span className={classes.chain} role="status">
      {verdict?.problem ? (
        <span className="bad row">
          <IconLinkOff size={16} aria-hidden /> Chain {verdict.problem.kind}:{" "}
          {verdict.problem.event_id ? (
            <Go to="/events" search={{ open: verdict.problem.event_id }}>
              {verdict.problem.event_id}
            </Go>
          ) : (
            `position ${formatExact(verdict.problem.position)}`
          )}
        </span>
      ) : (
        <Tooltip label={`Head ${chain.hash.slice(0, 16)}… at position ${formatExact(chain.position)}`}>
          <span className="row soft">
            <IconLink size={16} aria-hidden />
            {verdict ? (
              <span>
                Chain intact, checked <RelativeTime time={verdict.checked_at} />
              </span>
            ) : (
              "Chain not checked yet"
            )}
          </span>
        </Tooltip>
      )}
      <Button
        size="compact-xs"
        variant="default"
        loading={verify.isPending}
        onClick={() =>
          verify.mutate(null, {
            onSuccess: (found) =>
              notifications.show({
                message: found.problem
                  ? `Event ${found.problem.event_id}: ${found.problem.said}`
                  : `${formatExact(found.events)} events are what they were when they came`,
                color: found.problem ? "red" : undefined,
              }),
            onError: (error) => notifications.show({ message: error.message, color: "red" }),
          })
        }
      >
        Verify
      </Button>
    </span>
  );
}
