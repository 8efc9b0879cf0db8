import type { RunbookBlock } from "@/api/types";
import { Go } from "@/components/Go";
import { Loaded, Notice } from "@/components/State";
import { useWatched, WatchedChart } from "@/components/Watched";
import classes from "./Runbooks.module.css";

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
  const { query, watched } = useWatched({ query: block.query, startMs, endMs });
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
