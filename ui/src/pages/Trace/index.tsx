import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useApi } from "@/api/queries";
import type { TraceDetail } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { Drawer } from "@/components/Drawer";
import { PageFrame } from "@/components/PageFrame";
import { Loaded, Notice, SkeletonRows } from "@/components/State";
import { apartColors } from "@/lib/colors";
import { plural } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { layOut, visible } from "@/model/waterfall";
import { Facts } from "./Facts";
import { Flame } from "./Flame";
import { SpanDetail } from "./SpanDetail";
import classes from "./Trace.module.css";
import { TraceErrors } from "./TraceErrors";
import type { TraceSearch } from "./url";
import { Waterfall } from "./Waterfall";

export function Trace() {
  const { traceId } = useParams({ strict: false }) as { traceId: string };
  const trace = useApi<TraceDetail>(`traces/${traceId}`, {}, { staleMs: 10_000 });
  const root = trace.data?.spans.find((span) => span.parent_span_id === "") ?? trace.data?.spans[0];
  return (
    <PageFrame
      title={root ? `${root.name} · trace` : "Trace"}
      heading={root ? root.name : "Trace"}
      wide
      actions={
        <>
          <CopyId id={traceId} label="trace id" />
          <Button variant="default" component="a" href={`/jaeger/api/traces/${traceId}`}>
            Jaeger JSON
          </Button>
          <Button variant="default" onClick={() => void trace.refetch()} loading={trace.isFetching}>
            Look again
          </Button>
        </>
      }
    >
      <Loaded query={trace} what="the trace" fill skeleton={<SkeletonRows rows={18} />}>
        {(data) => <Spans trace={data} />}
      </Loaded>
    </PageFrame>
  );
}

function Spans({ trace }: { trace: TraceDetail }) {
  const search = useSearch({ strict: false }) as TraceSearch;
  const navigate = useNavigate();
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const all = useMemo(() => layOut(trace.spans), [trace.spans]);
  const colorOf = useMemo(() => apartColors(trace.services.map((one) => one.service)), [trace.services]);
  const bars = useMemo(() => visible(all, collapsed), [all, collapsed]);
  const change = useCallback(
    (part: TraceSearch) =>
      void navigate({
        to: ".",
        resetScroll: false,
        replace: true,
        search: ((before: object) => ({ ...before, ...part })) as never,
      }),
    [navigate],
  );
  const open = useCallback((span: string) => change({ span }), [change]);
  const total = Math.max(1, trace.duration_ns);
  const wanted = (search.find ?? "").toLowerCase();
  const found = useMemo(
    () =>
      new Set(
        wanted
          ? trace.spans
              .filter((span) => `${span.service} ${span.name} ${span.status}`.toLowerCase().includes(wanted))
              .map((span) => span.span_id)
          : [],
      ),
    [trace.spans, wanted],
  );
  const current = bars.findIndex((bar) => bar.span.span_id === search.span);
  const toggle = useCallback((spanId: string) => {
    setCollapsed((before) => {
      const next = new Set(before);
      if (!next.delete(spanId)) next.add(spanId);
      return next;
    });
  }, []);
  useListKeys({
    count: bars.length,
    current,
    onMove: (at) => change({ span: bars[at]?.span.span_id }),
    onOpen: (at) => {
      const bar = bars[at];
      if (bar && bar.below > 0) toggle(bar.span.span_id);
    },
    onFold: (at, closed) => {
      const bar = bars[at];
      if (bar && bar.below > 0 && collapsed.has(bar.span.span_id) !== closed) toggle(bar.span.span_id);
    },
  });
  function next() {
    const hits = bars.map((bar, at) => (found.has(bar.span.span_id) ? at : -1)).filter((at) => at >= 0);
    const after = hits.find((at) => at > current) ?? hits[0];
    if (after !== undefined) change({ span: bars[after]?.span.span_id });
  }
  return (
    <div className={classes.page}>
      <div className="spread">
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            next();
          }}
        >
          <SegmentedControl
            aria-label="View"
            value={search.view ?? "waterfall"}
            onChange={(view) => change({ view: view === "flame" ? view : undefined })}
            data={[
              { value: "waterfall", label: "Waterfall" },
              { value: "flame", label: "Flame" },
            ]}
          />
          <TextInput
            data-search
            aria-label="Find in this trace"
            placeholder="Find in this trace"
            value={search.find ?? ""}
            onChange={(event) => change({ find: event.currentTarget.value || undefined })}
          />
          {wanted && (
            <Button variant="default" type="submit">
              Next of {found.size}
            </Button>
          )}
          {collapsed.size > 0 && (
            <Button variant="subtle" onClick={() => setCollapsed(new Set())}>
              Show all
            </Button>
          )}
        </form>
        <Facts trace={trace} colorOf={colorOf} />
      </div>
      <TraceErrors trace={trace} />
      {trace.missing_parents.length > 0 && (
        <Notice tone="warning">
          {plural(trace.missing_parents.length, "parent span")} not here: parts of this trace are late, or a service on
          the way does not send its spans.
        </Notice>
      )}
      {trace.truncated && (
        <Notice tone="warning">This trace is very large: the earliest {trace.spans.length} spans are shown.</Notice>
      )}
      <div className={classes.columns}>
        {search.view === "flame" ? (
          <Flame bars={all} total={total} colorOf={colorOf} open={search.span} found={found} onOpen={open} />
        ) : (
          <Waterfall
            bars={bars}
            total={total}
            colorOf={colorOf}
            open={search.span}
            found={found}
            collapsed={collapsed}
            onOpen={open}
            onToggle={toggle}
          />
        )}
        {search.span && (
          <Drawer
            beside
            title={trace.spans.find((span) => span.span_id === search.span)?.name ?? "Span"}
            onClose={() => change({ span: undefined })}
          >
            <TraceErrors trace={trace} spanId={search.span} />
            <SpanDetail
              traceId={trace.trace_id}
              spanId={search.span}
              colorOf={colorOf}
              selfNs={all.find((bar) => bar.span.span_id === search.span)?.selfNs}
            />
          </Drawer>
        )}
      </div>
    </div>
  );
}
