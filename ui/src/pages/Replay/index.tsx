import { Progress } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useApi, useChange } from "@/api/queries";
import type { ReplayDetail } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { PageFrame } from "@/components/PageFrame";
import { Failure, Loaded, Notice, Refused, SkeletonRows } from "@/components/State";
import { plural } from "@/lib/format";
import { placeOf } from "@/model/replay/summary";
import { Confirm } from "@/components/Confirm";
import { useMayApply } from "@/state/role";
import { Facts } from "./Facts";
import classes from "./Replay.module.css";
import { useRecording } from "./useRecording";

const Player = lazy(async () => ({ default: (await import("./Player")).Player }));

/** One replay: who it was, what was seen, and what happened beside it. */
export function Replay() {
  const { id } = useParams({ strict: false }) as { id: string };
  const replay = useApi<ReplayDetail>(`replays/${id}`, {}, { staleMs: 60_000 });
  const first = replay.data?.summary.urls[0];
  return (
    <PageFrame
      title="Replay"
      heading={first ? <Heading url={first} /> : "Replay"}
      wide
      actions={
        <>
          <CopyId id={id} label="replay id" />
          <Delete id={id} />
        </>
      }
    >
      <Loaded query={replay} what="the replay" fill skeleton={<SkeletonRows rows={12} />}>
        {(data) => <Watched detail={data} />}
      </Loaded>
    </PageFrame>
  );
}

function Heading({ url }: { url: string }) {
  return (
    <>
      Replay <span className="soft">from {placeOf(url)}</span>
    </>
  );
}

function Delete({ id }: { id: string }) {
  const mayDelete = useMayApply();
  const navigate = useNavigate();
  const remove = useChange<string>(
    (one) => ({ path: `replays/${one}`, method: "DELETE" }),
    ["replays", "replay-usage"],
  );
  if (!mayDelete) return null;
  return (
    <>
      <Refused error={remove.error} />
      <Confirm
        act="Delete replay"
        what="The recording of this visit and who it was will be gone."
        busy={remove.isPending}
        onConfirm={() => remove.mutate(id, { onSuccess: () => void navigate({ to: "/replays" } as never) })}
      />
    </>
  );
}

const CUT: Record<string, string> = {
  segments: "it has as many parts as a replay may have",
  bytes: "it is as large as a replay may be",
  hours: "it is as long as a replay may be",
};

function Watched({ detail }: { detail: ReplayDetail }) {
  const { query, done } = useRecording(detail);
  return (
    <div className={classes.page}>
      <Facts detail={detail} />
      {detail.summary.is_buffer && (
        <Notice>
          It was sent because of an error: it begins with what the browser still had of the minute before.
        </Notice>
      )}
      {detail.missing_segments > 0 && (
        <Notice tone="warning">{plural(detail.missing_segments, "part")} of it did not come, or not yet.</Notice>
      )}
      {detail.cut && <Notice tone="warning">It is not whole: {CUT[detail.cut] ?? detail.cut}.</Notice>}
      {query.data && query.data.missing > 0 && (
        <Notice tone="warning">{plural(query.data.missing, "part")} of it cannot be read now.</Notice>
      )}
      {query.isError ? (
        <Failure error={query.error} what="the recording" retry={() => void query.refetch()} />
      ) : query.data ? (
        <Suspense fallback={<Loading done={1} />}>
          <Player key={detail.summary.id} detail={detail} recording={query.data.recording} />
        </Suspense>
      ) : (
        <Loading done={done} />
      )}
    </div>
  );
}

function Loading({ done }: { done: number }) {
  return (
    <div className={classes.loading} role="status" aria-label="Loading the recording">
      <Progress value={done * 100} aria-label="Loaded" size="sm" />
      <p className="soft small">Loading the recording …</p>
    </div>
  );
}
