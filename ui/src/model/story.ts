import { parseSearch, type RawSearch } from "@/app/search";
import type { StoryId, StoryLine } from "@/api/types";

export type IdKind = StoryId["kind"];
export type StoryLineKind = StoryLine["kind"];

/** How the API and the address call what a story begins with; `id` is one of any kind. */
export const SEEDS: Record<IdKind, string> = {
  correlation: "correlation_id",
  trace: "trace_id",
  request: "request_id",
  job: "job_id",
  message: "message_id",
  session: "session_id",
  user: "user_id",
  entity: "entity",
};
export const SEED_NAMES: readonly string[] = ["id", ...Object.values(SEEDS)];

export const LINE_KINDS: readonly StoryLineKind[] = [
  "span",
  "job",
  "message",
  "log",
  "error",
  "event",
  "product",
  "replay",
  "alert",
  "deploy",
];
export const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "unknown"] as const;

/** The search of the story of one id: whatever else was asked about is over. */
export function storySearch(kind: IdKind | "any", value: string): Record<string, string | undefined> {
  const none = Object.fromEntries(SEED_NAMES.map((name) => [name, undefined]));
  return { ...none, [kind === "any" ? "id" : SEEDS[kind]]: value };
}

const COSTS: Partial<Record<IdKind, string>> = {
  correlation: "correlation_id",
  trace: "trace_id",
  job: "job_id",
  user: "user",
};
const HOUR_MS = 3_600_000;

/** The search of what an id cost while its story went on, and an hour around it; undefined for ids that costs do not have. */
export function costsOf(
  id: StoryId,
  story: { start: string | null; end: string | null },
): Record<string, string | string[]> | undefined {
  const name = COSTS[id.kind];
  if (name === undefined || story.start === null || story.end === null) return undefined;
  return {
    match: [`${name}=${id.value}`],
    start: new Date(Date.parse(story.start) - HOUR_MS).toISOString(),
    end: new Date(Date.parse(story.end) + HOUR_MS).toISOString(),
  };
}

/** A link as the API gives it, for the router. */
export function placeOf(link: string): { to: string; search: RawSearch } {
  const [to = "", query = ""] = link.split("?", 2);
  return { to, search: parseSearch(query) };
}

/** Lines by their service, in the order in which services come in. */
export function servicesOf(lines: readonly StoryLine[]): [name: string, lines: StoryLine[]][] {
  const found = new Map<string, StoryLine[]>();
  for (const line of lines) {
    const name = line.service || "no service";
    const some = found.get(name);
    if (some) some.push(line);
    else found.set(name, [line]);
  }
  return [...found];
}

/** What a story block of a runbook asks: a line for each id. */
export function askedIn(text: string): Record<string, string[]> {
  const asked: Record<string, string[]> = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    const name = line.slice(0, at).trim();
    if (at > 0 && SEED_NAMES.includes(name)) (asked[name] ??= []).push(line.slice(at + 1).trim());
  }
  return asked;
}

/** Attributes that hold an id, as apps call them; the server knows the same ones (model/story_id.py). */
const ATTRIBUTES: Record<string, IdKind> = {
  "correlation.id": "correlation",
  correlation_id: "correlation",
  correlationId: "correlation",
  "x-correlation-id": "correlation",
  "job.id": "job",
  job_id: "job",
  "message.id": "message",
  message_id: "message",
  message_sid: "message",
  twilio_message_sid: "message",
  "user.id": "user",
  user_id: "user",
  userId: "user",
  "enduser.id": "user",
};

/** The stories that something with these attributes is of, each kind once; by its trace where no id says more. */
export function storiesOf(attributes: Record<string, unknown>, traceId = ""): StoryId[] {
  const found = new Map<IdKind, string>();
  for (const [name, value] of Object.entries(attributes)) {
    const kind = ATTRIBUTES[name];
    if (kind && typeof value === "string" && value && !found.has(kind)) found.set(kind, value);
  }
  if (!found.has("correlation") && traceId) found.set("trace", traceId);
  return [...found].map(([kind, value]) => ({ kind, value }));
}
