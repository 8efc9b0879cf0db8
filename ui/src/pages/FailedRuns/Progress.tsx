import { Button } from "@mantine/core";
import { useApi } from "@/api/queries";
import type { ReplayBatch } from "@/api/types";
import { Notice, Refused } from "@/components/State";
import { formatExact, plural } from "@/lib/format";
import { orderStanding, progressOf } from "@/model/failedRuns";
import { useMayApply } from "@/state/role";
import classes from "./FailedRuns.module.css";
import { useReplay } from "./useReplay";

const AGAIN_MS = 1500;

/** How far a replay of many is; what waits can be called off. */
export function Progress({ batch, onClose }: { batch: string; onClose: () => void }) {
  const found = useApi<ReplayBatch>(`handler-replays/${batch}`, {}, { everyMs: AGAIN_MS });
  const mayReplay = useMayApply();
  const replay = useReplay();
  if (found.isError) return <Notice tone="bad">Cannot tell how far the replay is: {found.error.message}</Notice>;
  if (!found.data) return null;
  const { total, open, over, well } = progressOf(found.data);
  const waits = found.data.counts.some((one) => one.state === "waiting");
  const said = found.data.counts
    .filter((one) => one.outcome !== "" || one.state !== "waiting")
    .map((one) => `${formatExact(one.orders)} ${orderStanding(one).word}`);
  const dry = found.data.orders[0]?.dry_run === true;
  return (
    <>
      <Notice tone={open > 0 ? "info" : well === total ? "good" : "warning"}>
        <div className={classes.progress} role="status">
          <span>
            {dry ? "Dry run" : "Replay"}: {formatExact(over)} of {plural(total, "run")} over
            {said.length > 0 && ` (${said.join(", ")})`}
          </span>
          <progress max={total} value={over} aria-label="Runs that are over" />
          {waits && mayReplay && (
            <Button size="compact-xs" variant="default" loading={replay.busy} onClick={() => replay.cancel(batch)}>
              Call off the rest
            </Button>
          )}
          <Button size="compact-xs" variant="subtle" onClick={onClose}>
            Hide
          </Button>
        </div>
      </Notice>
      <Refused error={replay.error} />
    </>
  );
}
