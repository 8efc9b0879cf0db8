import { Anchor } from "@mantine/core";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import { Go } from "@/components/Go";
import { useApi } from "@/api/queries";
import type { LogContext, LogRow } from "@/api/types";
import { CodeBlock, CopyId } from "@/components/CopyId";
import { Dotted } from "@/components/Dotted";
import fields from "@/components/Fields.module.css";
import { LevelBadge } from "@/components/LevelBadge";
import { Loaded } from "@/components/State";
import { StoryLinks } from "@/components/Story/StoryLinks";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { formatClock, plainText } from "@/lib/format";
import { usePreferences } from "@/state/preferences";
import classes from "./Logs.module.css";

type Filter = (field: string, value: string, exclude: boolean) => void;

/** Everything about one line: where it came from, its fields, its stack, the lines around it. */
export function LogDetail({ row, onFilter, onOpen }: { row: LogRow; onFilter: Filter; onOpen: (id: string) => void }) {
  const stack = row.attributes["exception.stacktrace"];
  return (
    <div className={classes.detail}>
      <p className={classes.message}>{plainText(row.body) || row.event_name}</p>
      <p className="row small">
        <LevelBadge level={row.level} /> <AbsoluteTime time={row.timestamp} />
        <span className="soft">
          <RelativeTime time={row.timestamp} />
        </span>
      </p>
      {row.trace_id && (
        <p className="row">
          <Anchor
            component={Go}
            to="/traces/$traceId"
            params={{ traceId: row.trace_id }}
            search={{ span: row.span_id }}
          >
            Open trace
          </Anchor>
          <CopyId id={row.trace_id} label="trace id" />
          <Anchor component="button" onClick={() => onFilter("trace_id", row.trace_id, false)}>
            Lines of the same trace
          </Anchor>
        </p>
      )}
      <StoryLinks attributes={row.attributes} traceId={row.trace_id} />
      {typeof stack === "string" && <CodeBlock code={stack} label="stack trace" />}
      <Fields title="Attributes" values={row.attributes} onFilter={onFilter} leaveOut="exception.stacktrace" />
      <Fields
        title="Resource"
        values={{ service: row.service, env: row.environment, scope: row.scope, ...row.resource }}
        prefix="resource."
        builtin={["service", "env", "scope"]}
        onFilter={onFilter}
      />
      {row.adjustments.length > 0 && (
        <p className="small soft">A limit changed this line when it was stored: {row.adjustments.join(", ")}.</p>
      )}
      <Around id={row.id} onOpen={onOpen} />
    </div>
  );
}

function Fields({
  title,
  values,
  onFilter,
  prefix = "",
  builtin = [],
  leaveOut,
}: {
  title: string;
  values: Record<string, unknown>;
  onFilter: Filter;
  prefix?: string;
  builtin?: string[];
  leaveOut?: string;
}) {
  const entries = Object.entries(values).filter(([key, value]) => key !== leaveOut && value !== "");
  if (entries.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <table className={fields.fields}>
        <tbody>
          {entries.map(([key, value]) => {
            const text = typeof value === "string" ? value : JSON.stringify(value);
            const field = builtin.includes(key) ? key : prefix + key;
            return (
              <tr key={key}>
                <th scope="row">
                  <Dotted name={key} />
                </th>
                <td className="mono">{text}</td>
                <td className={fields.acts}>
                  <button
                    type="button"
                    aria-label={`Only ${field} ${text}`}
                    title="Only these"
                    onClick={() => onFilter(field, text, false)}
                  >
                    <IconPlus size={12} />
                  </button>
                  <button
                    type="button"
                    aria-label={`Leave out ${field} ${text}`}
                    title="Leave out"
                    onClick={() => onFilter(field, text, true)}
                  >
                    <IconMinus size={12} />
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Around({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  const { zone } = usePreferences();
  const around = useApi<LogContext>(`logs/${id}/context`, { before: 8, after: 8 }, { staleMs: 30_000 });
  return (
    <section aria-label="Lines around">
      <h3>Lines around, of the same service</h3>
      <Loaded query={around} what="the lines around">
        {(data) => (
          <ol className={classes.around}>
            {[...data.before, data.line, ...data.after].map((line) => (
              <li key={line.id} aria-current={line.id === id}>
                <button type="button" onClick={() => onOpen(line.id)} data-level={line.level}>
                  <span className="soft">{formatClock(line.timestamp, zone)}</span> {line.level} {plainText(line.body)}
                </button>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </section>
  );
}
