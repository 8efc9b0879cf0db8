import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { type ApiError, request } from "@/api/client";
import { useApi } from "@/api/queries";
import type { LogPage, RunbookBlock, SqlResult, StoryAnswer, TracePage } from "@/api/types";
import { Go } from "../Go";
import { LogLines } from "../LogLines";
import { Lines as StoryLines } from "../Story/Lines";
import { Remarks } from "../Story/Remarks";
import { askedIn } from "@/model/story";
import { type Give, Missing } from "./Missing";
import { ResultTable } from "../ResultTable";
import { Loaded, Notice } from "../State";
import { RelativeTime } from "../Time";
import { useWatched, WatchedChart } from "../Watched";
import { formatNanos, plural } from "@/lib/format";
import { useSight } from "@/lib/useSight";
import classes from "./Runbook.module.css";

type Kind = RunbookBlock["kind"];
interface Asked {
  query: string;
  start: string | undefined;
  end: string | undefined;
}

const PAGES: Partial<Record<Kind, { to: string; search: string; label: string }>> = {
  promql: { to: "/explore", search: "expr", label: "Open in Metrics" },
  logs: { to: "/logs", search: "query", label: "All in Logs" },
  traces: { to: "/traces", search: "query", label: "All in Traces" },
  sql: { to: "/sql", search: "sql", label: "Open in SQL" },
};
const ANSWERS: Partial<Record<Kind, (props: { asked: Asked }) => React.ReactNode>> = {
  promql: Lines,
  logs: Logs,
  traces: Traces,
  sql: Sql,
  story: Story,
};
/** As many as tell what it is about; the rest is on their own page. */
const SHOWN = 8;
const STORY_SHOWN = 30;

/** A question that the alert filled in, and its answer, which is asked for when one comes near it. */
export function LiveBlock({ block, onGive }: { block: RunbookBlock; onGive?: Give }) {
  const page = PAGES[block.kind];
  const box = useRef<HTMLElement>(null);
  const { seen } = useSight(box);
  const ready = block.missing.length === 0 && !block.problem;
  const asked = { query: block.query, start: block.start ?? undefined, end: block.end ?? undefined };
  const Answer = ready ? ANSWERS[block.kind] : undefined;
  return (
    <section ref={box} className={classes.live} aria-label={block.title || block.query}>
      {block.title && <h3>{block.title}</h3>}
      {/* The chart says what it is of. */}
      {(block.kind !== "promql" || !ready) && <pre className={classes.query}>{block.query}</pre>}
      {block.missing.length > 0 && <Missing labels={block.missing} onGive={onGive} />}
      {block.problem && <Notice>Not asked: {block.problem}</Notice>}
      {Answer && (seen ? <Answer asked={asked} /> : <div className={classes.unseen} />)}
      {ready && block.kind === "story" && (
        <Go to="/story" search={askedIn(block.query)}>
          The whole story
        </Go>
      )}
      {ready && page && (
        <Go to={page.to} search={{ [page.search]: asked.query, start: asked.start, end: asked.end }}>
          {page.label}
        </Go>
      )}
    </section>
  );
}

function Story({ asked }: { asked: Asked }) {
  const { query, start, end } = asked;
  const story = useApi<StoryAnswer>("story", { ...askedIn(query), start, end, limit: STORY_SHOWN });
  return (
    <Loaded
      query={story}
      what="the story"
      empty={({ total_lines: total }) => total === 0 && <Notice>Nothing is stored of it in this time range.</Notice>}
    >
      {(told) => (
        <>
          <Remarks remarks={told.remarks} />
          <StoryLines lines={told.lines} label="Story" />
        </>
      )}
    </Loaded>
  );
}

function Lines({ asked }: { asked: Asked }) {
  const startMs = Date.parse(asked.start ?? "");
  const endMs = Date.parse(asked.end ?? "");
  const { query, watched } = useWatched({ query: asked.query, startMs, endMs });
  return (
    <Loaded query={query} what="the answer">
      {() =>
        watched.lines.length === 0 ? (
          <Notice>No series in this time range.</Notice>
        ) : (
          <WatchedChart watched={watched} threshold={null} bands={[]} startMs={startMs} endMs={endMs} />
        )
      }
    </Loaded>
  );
}

function Logs({ asked }: { asked: Asked }) {
  const query = useApi<LogPage>("logs", { ...asked, limit: SHOWN });
  return (
    <Loaded
      query={query}
      what="the lines"
      empty={({ rows }) => rows.length === 0 && <Notice>No line in this time range.</Notice>}
    >
      {({ rows }) => <LogLines rows={rows} searchOf={() => ({ ...asked })} />}
    </Loaded>
  );
}

function Traces({ asked }: { asked: Asked }) {
  const query = useApi<TracePage>("traces", { ...asked, limit: SHOWN });
  return (
    <Loaded
      query={query}
      what="the traces"
      empty={({ traces }) => traces.length === 0 && <Notice>No trace in this time range.</Notice>}
    >
      {({ traces }) => (
        <table className="dense">
          <tbody>
            {traces.map((trace) => (
              <tr key={trace.trace_id}>
                <td>
                  <Go to="/traces/$traceId" params={{ traceId: trace.trace_id }}>
                    {trace.root_operation || "root has not arrived"}
                  </Go>{" "}
                  <span className="soft small">{trace.root_service}</span>
                </td>
                <td className="num">{formatNanos(trace.duration_ns)}</td>
                <td className={`num ${trace.error_count > 0 ? "bad" : "soft"}`}>
                  {plural(trace.error_count, "error")}
                </td>
                <td className="num soft">
                  <RelativeTime time={trace.start} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Loaded>
  );
}

function Sql({ asked }: { asked: Asked }) {
  const { start, end, query: sql } = asked;
  const query = useQuery<SqlResult, ApiError>({
    queryKey: ["sql", asked],
    queryFn: ({ signal }) =>
      request<SqlResult>("sql", { method: "POST", body: { query: sql, start, end, limit: SHOWN }, signal }),
  });
  return (
    <Loaded
      query={query}
      what="the rows"
      empty={({ rows }) => rows.length === 0 && <Notice>No row in this time range.</Notice>}
    >
      {(result) => <ResultTable result={result} />}
    </Loaded>
  );
}
