import { type Fields, fieldsOf } from "@/lib/fields";

/** An event as Sentry's SDKs send it (develop.sentry.dev, event payloads), as far as the page reads it. Nothing in it is certain to be there. */
export interface Frame {
  function?: string;
  filename?: string;
  abs_path?: string;
  module?: string;
  package?: string;
  lineno?: number;
  colno?: number;
  in_app?: boolean;
  context_line?: string;
  pre_context?: string[];
  post_context?: string[];
  vars?: Record<string, unknown>;
  data?: { symbolicated?: boolean; minified?: string };
}

export interface Thrown {
  type: string;
  value: string;
  module: string;
  /** How it was caught, and whether the program saw to it. */
  mechanism: string;
  handled: boolean | null;
  /** Innermost call first. */
  frames: readonly Frame[];
  /** As they came, where source maps made others of them; innermost call first. */
  rawFrames: readonly Frame[] | null;
}

export interface Crumb {
  atMs: number | null;
  category: string;
  level: string;
  message: string;
  data: Record<string, unknown>;
}

export interface Thread {
  name: string;
  crashed: boolean;
  frames: readonly Frame[];
}

/** Names under which a stack comes that nobody could take apart. */
const STACK_NAMES = [
  "exception.stacktrace",
  "error.stack_trace",
  "error.stack",
  "err.stack",
  "stack_trace",
  "stacktrace",
  "stack",
];

function text(value: unknown): string {
  return typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
}

function valuesOf(value: unknown): Fields[] {
  const values = fieldsOf(value).values;
  return Array.isArray(values) ? values.map(fieldsOf) : [];
}

/** Of whatever has a stack: innermost call first. */
function framesOf(stack: unknown): Frame[] {
  const { frames } = fieldsOf(stack);
  return Array.isArray(frames) ? (frames.map(fieldsOf) as Frame[]).reverse() : [];
}

/** What was caught first, then what caused it. */
export function thrownOf(event: Fields): Thrown[] {
  return valuesOf(event.exception)
    .map((one) => {
      const mechanism = fieldsOf(one.mechanism);
      const raw = framesOf(one.raw_stacktrace);
      return {
        type: text(one.type),
        value: text(one.value),
        module: text(one.module),
        mechanism: text(mechanism.type),
        handled: typeof mechanism.handled === "boolean" ? mechanism.handled : null,
        frames: framesOf(one.stacktrace),
        rawFrames: raw.length > 0 ? raw : null,
      };
    })
    .reverse();
}

/** Stacks that are of no exception: the place where a message was written, and other threads. */
export function threadsOf(event: Fields): Thread[] {
  const found = valuesOf(event.threads).map((one) => ({
    name: text(one.name) || text(one.id),
    crashed: one.crashed === true,
    frames: framesOf(one.stacktrace),
  }));
  const own = framesOf(event.stacktrace);
  if (own.length > 0) found.unshift({ name: "where it was told", crashed: false, frames: own });
  return found.filter((one) => one.frames.length > 0);
}

/** A stack that is of no language that is known, as it came. */
export function unreadStack(event: Fields): string {
  if (thrownOf(event).some((one) => one.frames.length > 0)) return "";
  const held = { ...fieldsOf(event.extra), ...fieldsOf(fieldsOf(event.contexts).attributes) };
  for (const name of STACK_NAMES) if (typeof held[name] === "string" && held[name] !== "") return held[name];
  return "";
}

/** What was said, where it says more than the exceptions do. */
export function messageOf(event: Fields): string {
  const entry = fieldsOf(event.logentry);
  const said = text(entry.formatted) || text(entry.message);
  return thrownOf(event).some((one) => one.value === said) ? "" : said;
}

/** In the order in which they happened. */
export function crumbsOf(event: Fields): Crumb[] {
  return valuesOf(event.breadcrumbs).map((one) => ({
    atMs: typeof one.timestamp === "number" ? one.timestamp * 1000 : null,
    category: text(one.category) || text(one.type) || "default",
    level: text(one.level) || "info",
    message: text(one.message),
    data: fieldsOf(one.data),
  }));
}

/** A crumb in a line: what was called, clicked, logged. */
export function crumbWords({ message, data }: Crumb): string {
  const { method, url, status_code: status, from, to, ...rest } = data;
  if (!message && typeof url === "string")
    return [method, url, status !== undefined && `→ ${text(status)}`].filter(Boolean).join(" ");
  if (!message && typeof to === "string") return `${text(from)} → ${to}`;
  return message || fieldsText(rest);
}

function fieldsText(data: Fields): string {
  return Object.entries(data)
    .map(([name, value]) => `${name}=${text(value)}`)
    .join(" ");
}

const PROBLEMS: Record<string, (about: string) => string> = {
  missing_source: (url) => `${url} was not uploaded: its frames stay minified.`,
  missing_source_map: (url) => `${url} was uploaded without its source map: its frames stay minified.`,
  malformed_source_map: (url) => `The source map of ${url} cannot be read.`,
  invalid_location: (url) => `The source map of ${url} is of another build: it knows nothing of the line and column.`,
  missing_release: (url) =>
    `No source map can be found for ${url}: the event has neither a debug id of it nor a release.`,
  invalid_data: (name) => `The field ${name} was of a wrong type and is left out.`,
  past_timestamp: () => "It said that it happened over 30 days before it came: it has the time at which it came.",
  future_timestamp: () => "It said that it happens in the future: it has the time at which it came.",
  value_too_long: (name) => `The field ${name} was too long and is cut.`,
};

/** What went wrong with the event itself, in words. */
export function problemsOf(event: Fields): string[] {
  const errors = Array.isArray(event.errors) ? event.errors.map(fieldsOf) : [];
  return errors.map((one) => {
    const about = text(one.url) || text(one.name) || text(one.source);
    const told = PROBLEMS[text(one.type)];
    return told ? told(about) : [text(one.type).replaceAll("_", " "), about].filter(Boolean).join(": ");
  });
}

/** Where a frame is, as short as it can be said. */
export function placeOf(frame: Frame): string {
  return frame.filename || frame.module || frame.abs_path || frame.package || "unknown place";
}

/** `shop/pay.py:42`, as editors open it. */
export function addressOf(frame: Frame): string {
  const at = [frame.lineno, frame.lineno && frame.colno].filter(Boolean).join(":");
  return at ? `${placeOf(frame)}:${at}` : placeOf(frame);
}
