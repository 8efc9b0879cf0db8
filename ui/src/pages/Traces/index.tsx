import { Button, SegmentedControl } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Go } from "@/components/Go";
import { useCallback, useMemo, useState } from "react";
import { type ApiError, request } from "@/api/client";
import type { TracePage } from "@/api/types";
import { Facets } from "@/components/Facets";
import { PageFrame } from "@/components/PageFrame";
import { SearchBox } from "@/components/SearchBox";
import { Empty, Failure, SkeletonRows } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { seriesColor } from "@/lib/colors";
import { formatExact, formatNanos, truncateMiddle } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { withTerm } from "@/model/search";
import { useScope } from "@/state/scope";
import { Scatter } from "./Scatter";
import classes from "./Traces.module.css";
import type { TracesSearch } from "./url";

const PAGE = 100;

export function Traces() {
  const search = useSearch({ strict: false }) as TracesSearch;
  const navigate = useNavigate();
  const scope = useScope();
  const query = search.query ?? "";
  const order = search.order ?? "newest";
  const [current, setCurrent] = useState(-1);
  const change = useCallback(
    (part: TracesSearch) => void navigate({ to: ".", search: ((before: object) => ({ ...before, ...part })) as never }),
    [navigate],
  );
  const openTrace = useCallback(
    (traceId: string) => void navigate({ to: "/traces/$traceId", params: { traceId } } as never),
    [navigate],
  );
  const pages = useInfiniteQuery<TracePage, ApiError>({
    queryKey: ["traces", query, order, scope.params],
    queryFn: ({ pageParam, signal }) =>
      request<TracePage>("traces", {
        params: { ...scope.params, query, order, limit: PAGE, cursor: pageParam as string },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const traces = useMemo(() => pages.data?.pages.flatMap((page) => page.traces) ?? [], [pages.data]);
  const longest = Math.max(1, ...traces.map((trace) => trace.duration_ns));
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
          size="xs"
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
      {traces.length > 0 && <Scatter traces={traces} onOpen={openTrace} />}
      <div className={classes.columns}>
        <aside className={classes.facets} aria-label="Filters">
          <Facets
            path="traces/facets"
            query={query}
            onFilter={(field, value, exclude) => change({ query: withTerm(query, field, value, exclude) })}
          />
        </aside>
        <div className={classes.results} data-stale={pages.isPlaceholderData}>
          {traces.length > 0 ? (
            <div className="table-wrap">
              <table className="dense">
                <thead>
                  <tr>
                    <th>Root operation</th>
                    <th>Duration</th>
                    <th className="num">Spans</th>
                    <th className="num">Errors</th>
                    <th>Services</th>
                    <th>Started</th>
                  </tr>
                </thead>
                <tbody>
                  {traces.map((trace, at) => (
                    <tr key={trace.trace_id} data-current={at === current}>
                      <td>
                        <Go to="/traces/$traceId" params={{ traceId: trace.trace_id }}>
                          {trace.root_operation ? truncateMiddle(trace.root_operation, 48) : "root has not arrived"}
                        </Go>{" "}
                        <span className="soft small">{trace.root_service}</span>
                      </td>
                      <td className={classes.duration} title={`${formatExact(trace.duration_ns)} ns`}>
                        <span
                          className={classes.bar}
                          data-error={trace.error_count > 0}
                          style={{ width: `${Math.max(1, (trace.duration_ns / longest) * 100)}%` }}
                        />
                        <span>{formatNanos(trace.duration_ns)}</span>
                      </td>
                      <td className="num">{trace.span_count}</td>
                      <td className={`num ${trace.error_count > 0 ? "bad" : "soft"}`}>{trace.error_count}</td>
                      <td>
                        {trace.services.slice(0, 4).map((one) => (
                          <span key={one.service} className={classes.service} title={`${one.spans} spans`}>
                            <i style={{ background: seriesColor(one.service) }} />
                            {one.service}
                          </span>
                        ))}
                      </td>
                      <td className="soft">
                        <RelativeTime time={trace.start} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          ) : pages.isError ? (
            pages.error.problem.code !== "bad_query" && (
              <Failure error={pages.error} what="traces" retry={() => void pages.refetch()} />
            )
          ) : pages.data ? (
            <Empty title="No traces here">
              {query
                ? "No span matches in this time range: widen it, or take out a filter."
                : "No spans came in this time range."}
            </Empty>
          ) : (
            <SkeletonRows rows={14} />
          )}
          {pages.hasNextPage && (
            <Button
              variant="default"
              size="xs"
              loading={pages.isFetchingNextPage}
              onClick={() => void pages.fetchNextPage()}
            >
              Show more
            </Button>
          )}
        </div>
      </div>
    </PageFrame>
  );
}
