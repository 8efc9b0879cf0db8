import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useApi, useChange, useScopedPages, useTakeBack } from "@/api/queries";
import type { ReplayPage, ReplaysDeleted, ReplayUsage } from "@/api/types";
import { More } from "@/components/More";
import { PageFrame } from "@/components/PageFrame";
import { RowWindow } from "@/components/RowWindow";
import { NoRows, Older, Refused } from "@/components/State";
import { formatBytes, formatExact, plural } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { ErrorsViews } from "@/pages/Errors/ErrorsViews";
import { Confirm } from "@/components/Confirm";
import { useMayApply } from "@/state/role";
import { useSearchChange } from "@/state/useOpened";
import { Filters } from "./Filters";
import { ReplayRow } from "./ReplayRow";
import classes from "./Replays.module.css";
import { type ReplaysSearch, UNFILTERED } from "./url";

const PAGE = 100;

/** Recorded visits, newest first. */
export function Replays() {
  const search = useSearch({ strict: false }) as ReplaysSearch;
  const change = useSearchChange<ReplaysSearch>();
  const navigate = useNavigate();
  const { again } = useTakeBack("replays");
  const [current, setCurrent] = useState(-1);
  const { user, url, errors, rage, min } = search;
  const pages = useScopedPages<ReplayPage>(
    "replays",
    { user, url, with_errors: errors && true, with_rage: rage && true, min_seconds: min },
    PAGE,
  );
  const replays = useMemo(() => pages.data?.pages.flatMap((page) => page.replays) ?? [], [pages.data]);
  useListKeys({
    count: replays.length,
    current,
    onMove: setCurrent,
    onOpen: (at) => {
      const id = replays[at]?.id;
      if (id) void navigate({ to: "/replays/$id", params: { id } } as never);
    },
  });
  const filtered = [user, url, errors, rage, min].filter((one) => one !== undefined).join(" ");
  return (
    <PageFrame title="Replays" heading="Errors" actions={<Usage />}>
      <ErrorsViews />
      <Filters search={search} onChange={(part) => change(part)} />
      <Older query={pages} />
      {replays.length > 0 ? (
        <>
          <div
            className="table-wrap"
            data-stale={pages.isPlaceholderData}
            tabIndex={0}
            role="region"
            aria-label="Replays"
          >
            <table className="dense">
              <thead>
                <tr>
                  <th>Who, and where</th>
                  <th className="num">Errors</th>
                  <th className="num wide-only">Clicks</th>
                  <th className="wide-only">Of them</th>
                  <th className="num">Length</th>
                  <th className="wide-only">With</th>
                  <th className="num">Began</th>
                </tr>
              </thead>
              <RowWindow
                count={replays.length}
                columns={7}
                current={current}
                row={(at) => {
                  const replay = replays[at];
                  return replay && <ReplayRow key={replay.id} replay={replay} current={at === current} />;
                }}
              />
            </table>
          </div>
          <div className="row small soft" style={{ marginTop: 8 }} role="status">
            {plural(replays.length, "replay")} shown{pages.hasNextPage ? ", there are more" : ""}
            <More rows={pages} />
          </div>
        </>
      ) : (
        <NoRows
          search={pages}
          what="replays"
          nothing="No visit was recorded in this time range: Sentry's browser SDK records with replayIntegration()."
          query={filtered}
          onQuery={() => change(UNFILTERED)}
          onAgain={again}
        />
      )}
      {user && <DeleteOfUser user={user} />}
    </PageFrame>
  );
}

/** What they take up, and how long they stay. */
function Usage() {
  const usage = useApi<ReplayUsage>("replay-usage", {}, { staleMs: 30_000 });
  if (!usage.data) return null;
  const { replays, bytes, bytes_max: most, retention_days: days } = usage.data;
  return (
    <span className="small soft" title={`${formatExact(bytes)} bytes`}>
      {plural(replays, "replay")} kept, {formatBytes(bytes)} of {formatBytes(most)},{" "}
      {days > 0 ? `for ${plural(days, "day")}` : "for ever"}
    </span>
  );
}

function DeleteOfUser({ user }: { user: string }) {
  const mayDelete = useMayApply();
  const remove = useChange<string, ReplaysDeleted>(
    (one) => ({ path: "replays", method: "DELETE", params: { user: one } }),
    ["replays", "replay-usage"],
  );
  if (!mayDelete) return null;
  return (
    <div className={classes.deleting}>
      <Confirm
        act="Delete all replays of this user"
        what={`Every recording in which ${user} was at any time will be gone, also outside of the time range that is shown.`}
        busy={remove.isPending}
        onConfirm={() => remove.mutate(user)}
      />
      <Refused error={remove.error} />
      {remove.isSuccess && (
        <p className="small" role="status">
          {plural(remove.data.deleted, "replay")} deleted.
        </p>
      )}
    </div>
  );
}
