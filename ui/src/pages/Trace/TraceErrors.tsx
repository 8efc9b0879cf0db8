import { useApi } from "@/api/queries";
import type { EventPage, TraceDetail } from "@/api/types";
import { Go } from "@/components/Go";
import { Notice } from "@/components/State";
import { plural } from "@/lib/format";

const MARGIN_MS = 3_600_000;
const SHOWN = 5;

/** The errors that were told of in a trace, each with the way to its issue; `spanId`: of one span alone. */
export function TraceErrors({
  trace,
  spanId,
}: {
  trace: Pick<TraceDetail, "trace_id" | "start" | "duration_ns">;
  spanId?: string;
}) {
  const at = Date.parse(trace.start);
  const range = {
    start: new Date(at - MARGIN_MS).toISOString(),
    end: new Date(at + trace.duration_ns / 1e6 + MARGIN_MS).toISOString(),
  };
  const found = useApi<EventPage>(`errors/trace/${trace.trace_id}`, range, { staleMs: 30_000 });
  const events = (found.data?.events ?? []).filter((one) => spanId === undefined || one.span_id === spanId);
  if (events.length === 0) return null;
  return (
    <Notice tone="bad">
      {plural(events.length, "error")}
      {events.slice(0, SHOWN).map((one, index) => (
        <span key={one.event_id}>
          {index === 0 ? ": " : ", "}
          <Go to="/errors/event/$eventId" params={{ eventId: one.event_id }} className="among">
            {one.title}
          </Go>
          {spanId === undefined && one.service && ` in ${one.service}`}
        </span>
      ))}
      {events.length > SHOWN && ` and ${plural(events.length - SHOWN, "other")}`}
    </Notice>
  );
}
