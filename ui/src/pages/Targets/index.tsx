import { Button, Pill, SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { LIVE_MS, useApi } from "@/api/queries";
import type { ScrapeTargets } from "@/api/types";
import { Drawer } from "@/components/Drawer";
import { PageFrame } from "@/components/PageFrame";
import { Cut, Loaded, NoneOfThese } from "@/components/State";
import { formatCount } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { type OpenRow, openRow, SHOWN, type Shown, targetCounts, targetRows } from "@/model/targets";
import { Views } from "../Metrics/Views";
import { NoMore, NoTargets } from "./NoTargets";
import { nameOf, TargetDetail } from "./TargetDetail";
import classes from "./Targets.module.css";
import { TargetTable } from "./TargetTable";
import type { TargetsSearch } from "./url";

const ALL = "all";
const WORDS: Record<Shown, string> = { down: "Down", unknown: "Unknown", up: "Up", dropped: "Dropped" };
const CLOSED: TargetsSearch = { target: undefined, full: undefined };
const UNFILTERED: TargetsSearch = { job: undefined, health: undefined, filter: undefined };

/** What is scraped, how it went and why not, as it is now: it asks again by itself, live or not. */
export function Targets() {
  const search = useSearch({ strict: false }) as TargetsSearch;
  const navigate = useNavigate();
  const { job, health, filter = "" } = search;
  const [marked, setMarked] = useState<string>();
  const change = useCallback(
    (part: TargetsSearch, replace = false) =>
      void navigate({
        to: ".",
        resetScroll: false,
        replace,
        search: ((before: object) => ({ ...before, ...part })) as never,
      }),
    [navigate],
  );
  const query = useApi<ScrapeTargets>("targets", { job }, { everyMs: LIVE_MS });
  const rows = useMemo(() => (query.data ? targetRows(query.data, health, filter) : []), [query.data, health, filter]);
  const opening = useMemo(() => rows.filter((row): row is OpenRow => "id" in row), [rows]);
  const current = search.target ?? marked;
  const opened = useMemo(
    () => (query.data && search.target ? openRow(query.data, search.target) : undefined),
    [query.data, search.target],
  );
  const open = (id: string) => {
    setMarked(id);
    change({ target: id });
  };
  useListKeys({
    count: opening.length,
    current: opening.findIndex((row) => row.id === current),
    onMove: (at) => {
      const row = opening[at];
      if (!row) return;
      setMarked(row.id);
      if (search.target !== undefined) change({ target: row.id }, true);
    },
    onOpen: (at) => (opened ? change({ full: "1" }) : open(opening[at]?.id ?? "")),
  });

  if (search.full && opened)
    return (
      <PageFrame
        title={nameOf(opened)}
        actions={
          <Button variant="default" size="xs" onClick={() => change({ full: undefined })}>
            Back to the list
          </Button>
        }
      >
        <TargetDetail row={opened} />
      </PageFrame>
    );

  return (
    <PageFrame
      title="Targets"
      heading="Metrics"
      actions={
        <Views
          value="targets"
          onView={(view) =>
            void navigate({ to: "/explore", search: { view: view === "chart" ? undefined : view } } as never)
          }
        />
      }
    >
      <Loaded
        query={query}
        what="the targets"
        empty={(data) => data.jobs.length === 0 && !(data.scraping && job) && <NoTargets scraping={data.scraping} />}
      >
        {(data) => (
          <>
            <div className={classes.bar}>
              <Filters data={data} health={health} onHealth={(next) => change({ health: next, ...CLOSED })} />
              <TextInput
                data-search
                className={classes.filter}
                aria-label="Filter targets"
                placeholder="Address, label or error"
                leftSection={<IconSearch size={14} aria-hidden />}
                value={filter}
                onChange={(event) => change({ filter: event.currentTarget.value || undefined }, true)}
              />
              {job !== undefined && (
                <Pill withRemoveButton onRemove={() => change({ job: undefined })} removeButtonProps={REMOVE}>
                  Job {job}
                </Pill>
              )}
            </div>
            <Limits data={data} health={health} />
            {rows.length > 0 ? (
              <TargetTable
                rows={rows}
                current={current}
                onOpen={open}
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
      {search.target !== undefined && query.data && (
        <Drawer
          title={opened ? nameOf(opened) : "Target"}
          onClose={() => change(CLOSED)}
          actions={
            opened && (
              <Button size="compact-xs" variant="subtle" onClick={() => change({ full: "1" })}>
                Full page
              </Button>
            )
          }
        >
          {opened ? <TargetDetail row={opened} /> : <NoMore />}
        </Drawer>
      )}
    </PageFrame>
  );
}

const REMOVE = { "aria-label": "All jobs", "aria-hidden": false, tabIndex: 0 };

function Filters({
  data,
  health,
  onHealth,
}: {
  data: ScrapeTargets;
  health: Shown | undefined;
  onHealth: (health: Shown | undefined) => void;
}) {
  const counts = targetCounts(data.jobs);
  return (
    <SegmentedControl
      size="xs"
      aria-label="Health"
      style={{ maxWidth: "100%", overflowX: "auto" }}
      value={health ?? ALL}
      onChange={(value) => onHealth(SHOWN.find((one) => one === value))}
      data={[
        { value: ALL, label: `All ${formatCount(data.total)}` },
        ...SHOWN.map((one) => ({ value: one, label: `${WORDS[one]} ${formatCount(counts[one])}` })),
      ]}
    />
  );
}

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
