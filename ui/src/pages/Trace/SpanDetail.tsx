import { IconSearch } from "@tabler/icons-react";
import { Go } from "@/components/Go";
import { useApi } from "@/api/queries";
import type { LogPage, SpanDetail as Detail } from "@/api/types";
import { CodeBlock, CopyId } from "@/components/CopyId";
import { Dotted } from "@/components/Dotted";
import fields from "@/components/Fields.module.css";
import { LevelBadge } from "@/components/LevelBadge";
import { Loaded } from "@/components/State";
import { StoryLinks } from "@/components/Story/StoryLinks";
import { AbsoluteTime } from "@/components/Time";
import { formatClock, formatExact, formatNanos, plainText } from "@/lib/format";
import { term } from "@/model/search";
import { usePreferences } from "@/state/preferences";
import classes from "./Trace.module.css";

const MARGIN_MS = 3_600_000;

/** Everything about one span, each attribute one click from a search, and its log lines. */
export function SpanDetail(props: {
  traceId: string;
  spanId: string;
  selfNs?: number;
  colorOf: (service: string) => string;
}) {
  const { traceId, spanId, selfNs, colorOf } = props;
  const span = useApi<Detail>(`traces/${traceId}/spans/${spanId}`, {}, { staleMs: 60_000 });
  return (
    <Loaded query={span} what="the span">
      {(detail) => (
        <div className={classes.detail}>
          <p className={classes.about}>
            <Go to="/services/$name" params={{ name: detail.service }}>
              <i style={{ background: colorOf(detail.service) }} />
              {detail.service}
            </Go>
            <span className="soft">{detail.kind}</span>
            <Go
              to="/traces"
              search={{ query: `${term("service", detail.service)} ${term("name", detail.name)}` }}
              className="small"
            >
              Traces of this operation
            </Go>
          </p>
          <p className={classes.about}>
            {detail.status !== "unset" && <LevelBadge level={detail.status} />}
            <strong title={`${formatExact(detail.duration_ns)} ns`}>{formatNanos(detail.duration_ns)}</strong>
            <span className="soft" title={`${formatExact(detail.start_offset_ns)} ns`}>
              after {formatNanos(detail.start_offset_ns)}
            </span>
            {selfNs !== undefined && (
              <span className="soft" title="Without the time in which a child span ran">
                {formatNanos(selfNs)} itself
              </span>
            )}
          </p>
          <p className={`${classes.about} small`}>
            <AbsoluteTime time={detail.start} /> <CopyId id={detail.span_id} label="span id" />
          </p>
          <StoryLinks attributes={detail.attributes} traceId={detail.trace_id} />
          {detail.status_message && <p className="bad">{detail.status_message}</p>}
          {detail.weight > 1 && <p className="small soft">Sampled: stands for {formatExact(detail.weight)} spans.</p>}
          {detail.events.map((event, at) => {
            const stack = event.attributes["exception.stacktrace"];
            return (
              <section key={at} aria-label={event.name}>
                <h3>
                  {event.name} <span className="soft">after {formatNanos(event.offset_ns)}</span>
                </h3>
                {event.attributes["exception.type"] !== undefined && (
                  <p>
                    <strong className="bad">{String(event.attributes["exception.type"])}</strong>{" "}
                    {String(event.attributes["exception.message"] ?? "")}
                  </p>
                )}
                {typeof stack === "string" && <CodeBlock code={stack} label="stack trace" />}
                <Attributes
                  values={Object.fromEntries(
                    Object.entries(event.attributes).filter(([key]) => !key.startsWith("exception.")),
                  )}
                />
              </section>
            );
          })}
          <SpanLogs traceId={traceId} detail={detail} />
          <h3>Attributes</h3>
          <Attributes values={detail.attributes} searchable />
          <h3>Resource</h3>
          <Attributes values={detail.resource} searchable prefix="resource." />
          {detail.links.length > 0 && (
            <>
              <h3>Links</h3>
              {detail.links.map((link) => (
                <p key={link.span_id}>
                  <Go to="/traces/$traceId" params={{ traceId: link.trace_id }} search={{ span: link.span_id }}>
                    Trace {link.trace_id.slice(0, 8)}
                  </Go>
                </p>
              ))}
            </>
          )}
        </div>
      )}
    </Loaded>
  );
}

function Attributes({
  values,
  searchable = false,
  prefix = "",
}: {
  values: Record<string, unknown>;
  searchable?: boolean;
  prefix?: string;
}) {
  return (
    <table className={fields.fields}>
      <tbody>
        {Object.entries(values).map(([key, value]) => {
          const text = typeof value === "string" ? value : JSON.stringify(value);
          return (
            <tr key={key}>
              <th scope="row">
                <Dotted name={key} />
              </th>
              <td className="mono">{text}</td>
              {searchable && (
                <td className={fields.acts}>
                  <Go
                    aria-label={`Search traces for ${key} ${text}`}
                    title="Search for this"
                    to="/traces"
                    search={{ query: term(prefix + key, text) }}
                  >
                    <IconSearch size={12} />
                  </Go>
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function SpanLogs({ traceId, detail }: { traceId: string; detail: Detail }) {
  const { zone } = usePreferences();
  const at = Date.parse(detail.start);
  const range = {
    start: new Date(at - MARGIN_MS).toISOString(),
    end: new Date(at + detail.duration_ns / 1e6 + MARGIN_MS).toISOString(),
  };
  const query = `trace_id:${traceId} span_id:${detail.span_id}`;
  const logs = useApi<LogPage>("logs", { ...range, query, limit: 20, order: "oldest" }, { staleMs: 10_000 });
  return (
    <section aria-label="Log lines of this span">
      <div className="spread">
        <h3>Log lines of this span</h3>
        <Go to="/logs" search={{ ...range, query: `trace_id:${traceId}` }} className="small">
          all of the trace
        </Go>
      </div>
      <Loaded
        query={logs}
        what="the log lines"
        empty={(page) => page.rows.length === 0 && <p className="small soft">None was written inside of this span.</p>}
      >
        {(page) => (
          <>
            <ol className={classes.lines}>
              {page.rows.map((line) => (
                <li key={line.id}>
                  <Go to="/logs" search={{ ...range, query, line: line.id }} data-level={line.level}>
                    <span className="soft">{formatClock(line.timestamp, zone)}</span> {line.level}{" "}
                    {plainText(line.body)}
                  </Go>
                </li>
              ))}
            </ol>
            {page.next_cursor && (
              <p className="small soft">
                The first {page.rows.length} are shown;{" "}
                <Go to="/logs" search={{ ...range, query }}>
                  all lines of this span
                </Go>
              </p>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
