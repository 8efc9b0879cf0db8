import type { ReplayError, ReplayTrace } from "@/api/types";
import { type Fields, fieldsOf } from "@/lib/fields";
import { CUSTOM, numberOf, type RecordedEvent, textOf } from "./events";

export type MomentKind = "error" | "console" | "network" | "click" | "navigation" | "trace" | "other";
export type Tone = "bad" | "warning" | "info" | "plain";

/** Something that happened while it was recorded. */
export interface Moment {
  id: string;
  /** Milliseconds from the recording's beginning. */
  atMs: number;
  kind: MomentKind;
  tone: Tone;
  title: string;
  /** In one or two words, on the right. */
  aside: string;
  /** What is shown when it is opened; undefined: nothing more. */
  more?: unknown;
  traceId?: string;
  eventId?: string;
}

const LINES_MAX = 20_000;
const TITLE_MAX = 500;
/** Clicks on one thing in a row that are told by an angry visitor; the server counts the same. */
const RAGE_CLICKS_MIN = 3;
/** What is recorded for the recorder's own sake, or of no use between the rest. */
const SILENT = new Set(["replay.mutations", "replay.throttled", "ui.focus", "ui.blur", "sentry.event"]);

/** In order of time. At most so many are shown; `cut` says that there were more. */
export function momentsOf(
  events: readonly RecordedEvent[],
  errors: readonly ReplayError[],
  traces: readonly ReplayTrace[],
  beginMs: number,
): { moments: Moment[]; cut: boolean } {
  const found: Moment[] = [];
  for (const error of errors)
    found.push({
      id: `error ${error.event_id}`,
      atMs: since(beginMs, Date.parse(error.at)),
      kind: "error",
      tone: "bad",
      title: error.title || "An error whose event is not stored",
      aside: error.is_stored ? "error" : "about here",
      eventId: error.event_id,
    });
  for (const trace of traces)
    found.push({
      id: `trace ${trace.trace_id}`,
      atMs: since(beginMs, Date.parse(trace.at)),
      kind: "trace",
      tone: "plain",
      title: "Trace",
      aside: "from here",
      traceId: trace.trace_id,
    });
  let at = 0;
  for (const event of events) {
    if (event.type !== CUSTOM) continue;
    at += 1;
    const { tag, payload } = fieldsOf(event.data);
    const made =
      tag === "breadcrumb" ? breadcrumb(fieldsOf(payload)) : tag === "performanceSpan" ? span(payload) : null;
    if (made)
      found.push({
        ...made,
        title: made.title.slice(0, TITLE_MAX),
        id: `${at}`,
        atMs: since(beginMs, event.timestamp),
      });
    if (found.length > LINES_MAX) break;
  }
  found.sort((a, b) => a.atMs - b.atMs);
  return { moments: found.slice(0, LINES_MAX), cut: found.length > LINES_MAX };
}

type Made = Omit<Moment, "id" | "atMs">;

function since(beginMs: number, ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, ms - beginMs) : 0;
}

function breadcrumb(said: Fields): Made | null {
  const category = textOf(said.category);
  const message = textOf(said.message);
  const data = fieldsOf(said.data);
  if (SILENT.has(category)) return null;
  if (category === "console") {
    const level = textOf(said.level) || "log";
    const tone = level === "error" || level === "fatal" ? "bad" : level === "warning" ? "warning" : "plain";
    return { kind: "console", tone, title: lineOf(message, data.arguments), aside: level, more: data.arguments };
  }
  if (category === "navigation")
    return {
      kind: "navigation",
      tone: "info",
      title: textOf(data.to) || message,
      aside: "navigation",
      more: said.data,
    };
  if (category === "ui.slowClickDetected") {
    const isDead = data.endReason === "timeout";
    const isRage = (numberOf(data.clickCount) ?? 0) >= RAGE_CLICKS_MIN;
    const aside = isRage ? "rage click" : isDead ? "dead click" : "slow click";
    return { kind: "click", tone: "warning", title: message, aside, more: said.data };
  }
  if (category === "ui.multiClick") {
    const isRage = (numberOf(data.clickCount) ?? 0) >= RAGE_CLICKS_MIN;
    const aside = isRage ? "rage click" : `${numberOf(data.clickCount) ?? 2} clicks`;
    return { kind: "click", tone: isRage ? "warning" : "plain", title: message, aside, more: said.data };
  }
  if (category === "ui.click" || category === "ui.tap")
    return {
      kind: "click",
      tone: "plain",
      title: message,
      aside: category.slice(3),
      more: fieldsOf(data.node).attributes,
    };
  const tone = said.level === "error" ? "bad" : said.level === "warning" ? "warning" : "plain";
  return { kind: "other", tone, title: message || category, aside: message ? category : "", more: said.data };
}

/** What was logged, objects as they are and not as `[object Object]`. */
function lineOf(message: string, logged: unknown): string {
  if (!Array.isArray(logged) || (message && !message.includes("[object "))) return message || "(nothing)";
  const parts = logged.map((one: unknown) => (typeof one === "string" ? one : (JSON.stringify(one) ?? "")));
  return parts.join(" ") || "(nothing)";
}

const FAILED_FROM = 400;
const BAD_FROM = 500;

function span(payload: unknown): Made | null {
  const said = fieldsOf(payload);
  const op = textOf(said.op);
  const title = textOf(said.description);
  const data = fieldsOf(said.data);
  const start = numberOf(said.startTimestamp);
  const end = numberOf(said.endTimestamp);
  const ms = start !== undefined && end !== undefined ? Math.max(0, Math.round((end - start) * 1000)) : 0;
  if (op === "memory") return null;
  if (op.startsWith("resource.")) {
    const status = numberOf(data.statusCode);
    const method = textOf(data.method);
    const tone =
      status === 0 || (status ?? 0) >= BAD_FROM ? "bad" : (status ?? 0) >= FAILED_FROM ? "warning" : ("plain" as const);
    const aside = [status === 0 ? "failed" : status, `${ms} ms`].filter((one) => one !== undefined).join(" · ");
    return { kind: "network", tone, title: method ? `${method} ${title}` : title, aside, more: { op, ...data } };
  }
  if (op.startsWith("navigation."))
    return {
      kind: "navigation",
      tone: "info",
      title,
      aside: ms > 0 ? `${op.slice(11)} · ${ms} ms` : op.slice(11),
      more: data,
    };
  const value = numberOf(data.value);
  return { kind: "other", tone: "plain", title, aside: value === undefined ? op : `${op} ${value}`, more: said.data };
}

/** The last moment that is not after that time; -1: none is. */
export function momentAt(moments: readonly Moment[], ms: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.atMs ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
