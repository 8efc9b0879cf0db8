import { Pill, SegmentedControl } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { type ApiError, request } from "@/api/client";
import { LIVE_MS, useTakeBack } from "@/api/queries";
import type { TracePage } from "@/api/types";
import { Facets, FilterPane } from "@/components/Facets";
import { More } from "@/components/More";
import { PageFrame } from "@/components/PageFrame";
import { RowWindow } from "@/components/RowWindow";
import { SearchBox } from "@/components/SearchBox";
import { NoRows, Older, Partial, Slow } from "@/components/State";
import { apartColors } from "@/lib/colors";
import { formatMillis, plural } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { toggleTerm } from "@/model/search";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { Scatter } from "./Scatter";
import { TraceRow } from "./TraceRow";
import classes from "./Traces.module.css";
import type { TracesSearch } from "./url";

const PAGE = 100;

export function Traces() {
  const search = useSearch({ strict: false }) as TracesSearch;
  const navigate = useNavigate();
  const scope = useScope();
  const { live } = useLive();
  const query = search.query ?? "";
  const order = search.order ?? "newest";
  const { min, max } = search;
  const [current, setCurrent] = useState(-1);
  const change = useCallback(
    (part: TracesSearch) =>
      void navigate({ to: ".", resetScroll: false, search: ((before: object) => ({ ...before, ...part })) as never }),
    [navigate],
  );
  const openTrace = useCallback(
    (traceId: string) => void navigate({ to: "/traces/$traceId", params: { traceId } } as never),
    [navigate],
  );
  const { cancel, again } = useTakeBack("traces");
  const pages = useInfiniteQuery<TracePage, ApiError>({
    queryKey: ["traces", query, order, min, max, scope.params],
    queryFn: ({ pageParam, signal }) =>
      request<TracePage>("traces", {
        params: {
          ...scope.params,
          ...{ query, order, limit: PAGE, cursor: pageParam as string },
          ...{ min_duration_ms: min, max_duration_ms: max },
        },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // Who has scrolled on reads: the list stays as it is.
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? LIVE_MS : false),
  });
  const traces = useMemo(() => pages.data?.pages.flatMap((page) => page.traces) ?? [], [pages.data]);
  const colorOf = useMemo(
    () => apartColors(traces.flatMap((trace) => trace.services.map((one) => one.service))),
    [traces],
  );
  const longest = traces.reduce((most, trace) => Math.max(most, trace.duration_ns), 1);
  useListKeys({
    count: traces.length,
    current,
    onMove: setCurrent,
    onOpen: (at) => {
      const trace = traces[at];
      if (trace) openTrace(trace.trace_id);
    },
  });

  return (
    <PageFrame
      title="Traces"
      actions={
        <SegmentedControl
          aria-label="Order"
          value={order}
          onChange={(value) => change({ order: value as "newest" | "slowest" })}
          data={[
            { value: "newest", label: "Newest" },
            { value: "slowest", label: "Slowest" },
          ]}
        />
      }
    >
      <SearchBox value={query} onSearch={(text) => change({ query: text })} signal="spans" error={pages.error} />
      <Slow busy={pages.isFetching} what="searching traces" onCancel={cancel} />
      {(min !== undefined || max !== undefined) && (
        <p className="row small">
          <Pill withRemoveButton onRemove={() => change(anyDuration)} removeButtonProps={removeDuration}>
            {writeDurations(min, max)}
          </Pill>
        </p>
      )}
      {traces.length > 0 && (
        <Scatter
          traces={traces}
          onOpen={openTrace}
          onSelect={({ startMs, endMs, ...durations }) =>
            scope.zoomTo(startMs, endMs, { ...anyDuration, ...durations })
          }
          onBack={() => scope.zoomBack(anyDuration)}
        />
      )}
      <Partial pages={pages.data?.pages} />
      <Older query={pages} />
      <div className={classes.columns}>
        <FilterPane>
          <Facets
            path="traces/facets"
            query={query}
            onFilter={(field, value, exclude) => change({ query: toggleTerm(query, field, value, exclude) })}
          />
        </FilterPane>
        <div className={classes.results} data-stale={pages.isPlaceholderData}>
          {traces.length > 0 ? (
            <div className="table-wrap">
              <table className="dense">
                <thead>
                  <tr>
                    <th className={classes.operation}>Root operation</th>
                    <th className={classes.length}>Duration</th>
                    <th className={`num ${classes.count} ${classes.wide}`}>Spans</th>
                    <th className={`num ${classes.count} ${classes.wide}`}>Errors</th>
                    <th className={classes.wide}>Services</th>
                    <th className={`num ${classes.began}`}>Began</th>
                  </tr>
                </thead>
                <RowWindow
                  count={traces.length}
                  columns={6}
                  current={current}
                  row={(at) => {
                    const trace = traces[at];
                    return (
                      trace && (
                        <TraceRow
                          key={trace.trace_id}
                          trace={trace}
                          current={at === current}
                          longest={longest}
                          colorOf={colorOf}
                        />
                      )
                    );
                  }}
                />
              </table>
            </div>
          ) : (
            <NoRows
              search={pages}
              what="traces"
              nothing="No spans came in this time range."
              query={query}
              onQuery={(text) => change({ query: text })}
              onAgain={again}
            />
          )}
          {traces.length > 0 && (
            <p className="row small soft" role="status">
              {plural(traces.length, "trace")} shown{pages.hasNextPage ? ", there are more" : ""}
              <More rows={pages} />
            </p>
          )}
        </div>
      </div>
    </PageFrame>
  );
}

const anyDuration = { min: undefined, max: undefined };
const removeDuration = { "aria-label": "Any duration", "aria-hidden": false, tabIndex: 0 };

function writeDurations(min: number | undefined, max: number | undefined): string {
  if (max === undefined) return `${formatMillis(min)} or longer`;
  return min === undefined ? `${formatMillis(max)} or shorter` : `${formatMillis(min)} to ${formatMillis(max)}`;
}
