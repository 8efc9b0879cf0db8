import { Pill } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { LIVE_MS, useApi } from "@/api/queries";
import type { ScrapeTargets } from "@/api/types";
import { ListBar, StateFilter, WordFilter } from "@/components/ListBar";
import { OpenedPage } from "@/components/Opened";
import { Cut, Loaded, NoneOfThese } from "@/components/State";
import { openRow, SHOWN, type Shown, targetCounts, targetRows } from "@/model/targets";
import { MetricsViews } from "@/pages/Metrics/MetricsViews";
import { CLOSED, useOpened, useSearchChange } from "@/state/useOpened";
import { NoMore, NoTargets } from "./NoTargets";
import { nameOf, TargetDetail } from "./TargetDetail";
import { TargetTable } from "./TargetTable";
import type { TargetsSearch } from "./url";

const WORDS: Record<Shown, string> = { down: "Down", unknown: "Unknown", up: "Up", dropped: "Dropped" };
const UNFILTERED: TargetsSearch = { job: undefined, health: undefined, filter: undefined };

/** What is scraped, how it went and why not, as it is now: it asks again by itself, live or not. */
export function Targets() {
  const search = useSearch({ strict: false }) as TargetsSearch;
  const change = useSearchChange<TargetsSearch>();
  const { job, health, filter = "" } = search;
  const query = useApi<ScrapeTargets>("targets", { job }, { everyMs: LIVE_MS });
  const rows = useMemo(() => (query.data ? targetRows(query.data, health, filter) : []), [query.data, health, filter]);
  const opened = useOpened(useMemo(() => rows.flatMap((row) => ("id" in row ? [row.id] : [])), [rows]));
  const row = useMemo(
    () => (query.data && opened.id !== undefined ? openRow(query.data, opened.id) : undefined),
    [query.data, opened.id],
  );
  return (
    <OpenedPage
      opened={opened}
      title="Targets"
      heading="Metrics"
      name={row ? nameOf(row) : "Target"}
      detail={row ? <TargetDetail row={row} /> : query.data && <NoMore />}
    >
      <MetricsViews />
      <Loaded
        query={query}
        what="the targets"
        empty={(data) => data.jobs.length === 0 && !(data.scraping && job) && <NoTargets scraping={data.scraping} />}
      >
        {(data) => (
          <>
            <ListBar>
              <StateFilter
                label="Health"
                states={SHOWN}
                words={WORDS}
                counts={targetCounts(data.jobs)}
                total={data.total}
                value={health}
                onChange={(next) => change({ health: next, ...CLOSED })}
              />
              <WordFilter
                what="targets"
                hint="Address, label or error"
                value={filter}
                onChange={(words) => change({ filter: words }, true)}
              />
              {job !== undefined && (
                <Pill withRemoveButton onRemove={() => change({ job: undefined })} removeButtonProps={REMOVE}>
                  Job {job}
                </Pill>
              )}
            </ListBar>
            <Limits data={data} health={health} />
            {rows.length > 0 ? (
              <TargetTable
                rows={rows}
                current={opened.current}
                onOpen={opened.open}
                onJob={(name) => change({ job: name, ...CLOSED })}
                onShow={(name, shown) => change({ job: name, health: shown, ...CLOSED })}
              />
            ) : (
              <NoneOfThese what="targets" onAll={() => change(UNFILTERED)}>
                None has this health and these words in its address, labels or error.
              </NoneOfThese>
            )}
          </>
        )}
      </Loaded>
    </OpenedPage>
  );
}

const REMOVE = { "aria-label": "All jobs", "aria-hidden": false, tabIndex: 0 };

function Limits({ data, health }: { data: ScrapeTargets; health: Shown | undefined }) {
  return health === "dropped" ? (
    <Cut shown={data.dropped.length} total={targetCounts(data.jobs).dropped} what="dropped targets" which="first">
      choose a job, or narrow what its discovery finds.
    </Cut>
  ) : (
    <Cut shown={data.targets.length} total={data.total} what="targets" which="first">
      those that are down come first. Choose a job for all of its own.
    </Cut>
  );
}
