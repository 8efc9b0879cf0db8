import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { type ApiError, request } from "@/api/client";
import type { SqlResult } from "@/api/types";
import { PageFrame } from "@/components/PageFrame";
import { ResultTable } from "@/components/ResultTable";
import { Empty, Failure, Notice, SkeletonRows, Slow } from "@/components/State";
import { formatCount, formatMillis, plural } from "@/lib/format";
import { Editor } from "./Editor";

const ROWS_MAX = 10_000;
const FIRST =
  "SELECT ServiceName, count() AS spans\nFROM spans\nWHERE Timestamp > now() - INTERVAL 1 HOUR\nGROUP BY ServiceName\nORDER BY spans DESC";

/** One SELECT over the telemetry tables; the text is in the address once it was run. */
export function Sql() {
  const search = useSearch({ from: "/shell/sql" });
  const navigate = useNavigate();
  const [text, setText] = useState(search.sql ?? FIRST);
  const running = useRef<AbortController | null>(null);
  const run = useMutation<SqlResult, ApiError, string>({
    mutationFn: (query) => {
      running.current?.abort();
      running.current = new AbortController();
      return request<SqlResult>("sql", {
        method: "POST",
        body: { query, limit: ROWS_MAX },
        signal: running.current.signal,
      });
    },
  });
  function start() {
    void navigate({
      to: ".",
      resetScroll: false,
      search: ((before: object) => ({ ...before, sql: text })) as never,
      replace: true,
    });
    run.mutate(text);
  }
  return (
    <PageFrame
      title="SQL"
      actions={
        <Button onClick={start} loading={run.isPending} title="Ctrl-Enter">
          Run query
        </Button>
      }
    >
      <Editor value={text} onChange={setText} onRun={start} />
      <p className="small soft">One SELECT over spans, logs and metrics. Ctrl-Enter runs it.</p>
      <Slow busy={run.isPending} what="running the query" onCancel={() => running.current?.abort()} />
      {run.isPending ? (
        <SkeletonRows />
      ) : run.error?.name === "AbortError" ? (
        <Empty
          title="The query was cancelled"
          action={
            <Button variant="default" onClick={start}>
              Run it again
            </Button>
          }
        />
      ) : run.error ? (
        <Failure error={run.error} what="the result" />
      ) : (
        run.data && <Result result={run.data} />
      )}
    </PageFrame>
  );
}

function Result({ result }: { result: SqlResult }) {
  return (
    <>
      {result.truncated && (
        <Notice tone="warning">Cut at {formatCount(result.rows.length)} rows: add a LIMIT or a narrower WHERE.</Notice>
      )}
      <p className="small soft">
        {plural(result.rows.length, "row")} in {formatMillis(result.stats.elapsed_ms)},{" "}
        {formatCount(result.stats.rows_read)} rows read
      </p>
      <ResultTable result={result} />
    </>
  );
}
