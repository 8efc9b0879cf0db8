import { useMemo } from "react";
import type { RunbookBlock, Watched } from "@/api/types";
import { type QueryData, usePrometheus } from "@/api/prometheus";
import { Go } from "@/components/Go";
import { Loaded, Notice } from "@/components/State";
import { WatchedChart } from "@/pages/Rule/WatchedChart";
import classes from "./Runbooks.module.css";

const POINTS = 200;
const PAGES: Record<Exclude<RunbookBlock["kind"], "markdown">, { to: string; search: string; label: string }> = {
  promql: { to: "/explore", search: "expr", label: "Open in Metrics" },
  logql: { to: "/logs", search: "query", label: "Open Logs" },
  logs: { to: "/logs", search: "query", label: "Open in Logs" },
  traces: { to: "/traces", search: "query", label: "Open in Traces" },
  sql: { to: "/sql", search: "sql", label: "Open in SQL" },
};

/** A question that the alert filled in; PromQL is answered here, the others on their pages. */
export function LiveBlock({ block }: { block: RunbookBlock }) {
  if (block.kind === "markdown") return null;
  const page = PAGES[block.kind];
  const ready = block.missing.length === 0 && !block.problem;
  const search = { [page.search]: block.query, start: block.start ?? undefined, end: block.end ?? undefined };
  return (
    <section className={classes.live} aria-label={block.title || block.query}>
      {block.title && <h3>{block.title}</h3>}
      <pre className={classes.query}>{block.query}</pre>
      {block.missing.length > 0 && (
        <Notice>
          Not asked: it needs the label {block.missing.join(", ")}. Open this runbook from an alert that has it.
        </Notice>
      )}
      {block.problem && <Notice>Not asked: {block.problem}</Notice>}
      {ready && block.kind === "promql" && <Answer block={block} />}
      {ready && (
        <Go to={page.to} search={search}>
          {page.label}
        </Go>
      )}
    </section>
  );
}

function Answer({ block }: { block: RunbookBlock }) {
  const startMs = Date.parse(block.start ?? "");
  const endMs = Date.parse(block.end ?? "");
  const step = Math.max(15, Math.ceil((endMs - startMs) / 1000 / POINTS));
  const query = usePrometheus<QueryData>("query_range", {
    query: block.query,
    start: String(startMs / 1000),
    end: String(endMs / 1000),
    step: String(step),
  });
  const watched = useMemo(() => watchedOf(block.query, query.data?.data), [block.query, query.data]);
  return (
    <Loaded query={query} what="the answer">
      {() =>
        watched.lines.length === 0 ? (
          <Notice>No series in this time.</Notice>
        ) : (
          <WatchedChart watched={watched} threshold={null} bands={[]} startMs={startMs} endMs={endMs} />
        )
      }
    </Loaded>
  );
}

function watchedOf(query: string, data: QueryData | undefined): Watched {
  const series = data?.resultType === "matrix" ? data.result : [];
  const lines = series.map(({ metric, values = [] }) => ({
    labels: { ...metric },
    points: values.map(([at, value]) => ({ at, value: Number(value) })).filter(({ value }) => Number.isFinite(value)),
  }));
  return { query, operator: null, threshold: null, lines, more_lines: 0 };
}
