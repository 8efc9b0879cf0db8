import { Button, Menu } from "@mantine/core";
import { IconDownload, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { type ApiError, request, toQuery } from "@/api/client";
import { LIVE_MS, useApi, useTakeBack } from "@/api/queries";
import type { LogPage, LogRow } from "@/api/types";
import { Drawer } from "@/components/Drawer";
import { Facets, FilterPane } from "@/components/Facets";
import { Go } from "@/components/Go";
import { Histogram } from "@/components/Histogram";
import { PageFrame } from "@/components/PageFrame";
import { SearchBox } from "@/components/SearchBox";
import { Empty, NoRows, Notice, Older, Partial, Slow } from "@/components/State";
import { formatDay, plural } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { toggleTerm, withTerm } from "@/model/search";
import { usePreferences } from "@/state/preferences";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { LogDetail } from "./LogDetail";
import { LogList } from "./LogList";
import classes from "./Logs.module.css";
import type { LogsSearch } from "./url";
import { useTail } from "./useTail";

const PAGE = 200;

export function Logs() {
  const search = useSearch({ strict: false }) as LogsSearch;
  const navigate = useNavigate();
  const scope = useScope();
  const { live } = useLive();
  const { zone } = usePreferences();
  const query = search.query ?? "";
  const tailing = search.tail === "1";
  const [paused, setPaused] = useState(false);
  const change = useCallback(
    (part: LogsSearch) =>
      void navigate({ to: ".", resetScroll: false, search: ((before: object) => ({ ...before, ...part })) as never }),
    [navigate],
  );
  const filter = useCallback(
    (field: string, value: string, exclude: boolean) => change({ query: withTerm(query, field, value, exclude) }),
    [change, query],
  );

  const { cancel, again } = useTakeBack("logs");
  const pages = useInfiniteQuery<LogPage, ApiError>({
    queryKey: ["logs", query, scope.params],
    queryFn: ({ pageParam, signal }) =>
      request<LogPage>("logs", {
        params: { ...scope.params, query, limit: PAGE, cursor: pageParam as string },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // Who has scrolled on reads: the list stays as it is.
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? LIVE_MS : false),
    enabled: !tailing,
  });
  const tail = useTail(tailing, paused, query, scope.env);
  const found = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data]);
  const rows = tailing ? tail.rows : found;
  const dayOf = (time: string | number | undefined) => formatDay(time, zone);
  const dated =
    rows.length > 0 &&
    [rows[0]?.timestamp, rows[rows.length - 1]?.timestamp].some((at) => dayOf(at) !== dayOf(Date.now()));
  const current = rows.findIndex((row) => row.id === search.line);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const onEnd = useCallback(() => {
    if (!tailing && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [tailing, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const open = useCallback((row: LogRow) => change({ line: row.id }), [change]);
  useListKeys({
    count: rows.length,
    current,
    onMove: (at) => {
      const row = rows[at];
      if (row) open(row);
    },
    onOpen: () => change({ full: "1" }),
  });

  const one = useApi<LogRow>(`logs/${search.line ?? ""}`, {}, { enabled: search.line !== undefined && current < 0 });
  const opened = rows[current] ?? (search.line ? one.data : undefined);
  const closed = { line: undefined, full: undefined };
  const detail = opened && <LogDetail row={opened} onFilter={filter} onOpen={(id) => change({ line: id })} />;

  if (search.full && opened)
    return (
      <PageFrame
        title="Log line"
        actions={
          <Button variant="default" onClick={() => change({ full: undefined })}>
            Back to the list
          </Button>
        }
      >
        {detail}
      </PageFrame>
    );

  return (
    <PageFrame
      title="Logs"
      wide
      actions={
        <>
          {tailing && (
            <Button
              variant="default"
              leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
              onClick={() => setPaused(!paused)}
            >
              {paused ? `Go on (${tail.waiting} waiting)` : "Pause"}
            </Button>
          )}
          <Button
            variant={tailing ? "filled" : "default"}
            aria-pressed={tailing}
            onClick={() => change({ tail: tailing ? undefined : "1" })}
          >
            {tailing ? "Stop tail" : "Live tail"}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<IconDownload size={14} />}>
                Export
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {(["ndjson", "csv"] as const).map((format) => (
                <Menu.Item
                  key={format}
                  component="a"
                  href={`/api/v1/logs/export${toQuery({ ...scope.params, query, format })}`}
                >
                  {format === "csv" ? "CSV" : "NDJSON"}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      <SearchBox
        value={query}
        onSearch={(text) => change({ query: text, ...closed })}
        signal="logs"
        error={pages.error}
      />
      <Slow busy={pages.isFetching} what="searching log lines" onCancel={cancel} />
      {!tailing && <Histogram path="logs/histogram" query={query} what="lines" />}
      {tail.dropped > 0 && (
        <Notice tone="warning">
          {plural(tail.dropped, "line")} came too fast and were left out here; they are stored. Narrow the search.
        </Notice>
      )}
      {!tailing && <Partial pages={pages.data?.pages} />}
      {!tailing && <Older query={pages} />}
      <div className={classes.columns}>
        <FilterPane>
          <Facets path="logs/facets" query={query} onFilter={(...of) => change({ query: toggleTerm(query, ...of) })} />
        </FilterPane>
        <div className={classes.results} data-stale={pages.isPlaceholderData}>
          {rows.length > 0 ? (
            <LogList rows={rows} dated={dated} current={current} onOpen={open} onEnd={onEnd} />
          ) : tailing ? (
            <Empty title={tail.connected ? "Waiting for lines" : "Connecting …"}>
              New lines appear here as they come in, a second or two after they were sent.
            </Empty>
          ) : (
            <NoRows
              search={pages}
              what="lines"
              nothing="Nothing was logged in this time range."
              query={query}
              onQuery={(text) => change({ query: text })}
              onAgain={again}
            />
          )}
          {!tailing && found.length > 0 && (
            <p className="small soft" role="status">
              {plural(found.length, "line")} shown
              {hasNextPage ? "; older ones come as you scroll" : ", that is all of them"}
            </p>
          )}
        </div>
        {opened && (
          <Drawer
            title={
              <Go to="/services/$name" params={{ name: opened.service }}>
                {opened.service}
              </Go>
            }
            onClose={() => change(closed)}
            actions={
              <Button size="compact-xs" variant="subtle" onClick={() => change({ full: "1" })}>
                Full page
              </Button>
            }
          >
            {detail}
          </Drawer>
        )}
      </div>
    </PageFrame>
  );
}
