import { fieldsOf } from "@/lib/fields";
import { BY_HAND, CUSTOM, FULL_SNAPSHOT, INCREMENTAL, META, numberOf, type RecordedEvent } from "./events";
import { sanitised } from "./sanitised";

export interface Gap {
  startMs: number;
  endMs: number;
}

/** What can be played, and what was said beside it. */
export interface Recording {
  /** rrweb's own events, harmless, with an end; empty where there is nothing to play. */
  frames: readonly RecordedEvent[];
  /** What SDKs said: breadcrumbs and spans. */
  said: readonly RecordedEvent[];
  beginMs: number;
  lengthMs: number;
  /** From the beginning to behind the first whole picture: there is nothing to be seen before it. */
  firstMs: number;
  width: number;
  height: number;
  /** Stretches in which nobody did anything, from the beginning on. */
  gaps: readonly Gap[];
}

/** So long without a hand counts as a gap, and is skipped where that is asked for. */
export const IDLE_MS = 10_000;
const SIZE = { width: 1280, height: 720 };
/** No screen is larger; a recording that says so is none. */
const PIXELS_MAX = 16_384;

export function recordingOf(events: readonly RecordedEvent[]): Recording {
  const ordered = [...events].sort((a, b) => a.timestamp - b.timestamp);
  const seen = ordered.filter((event) => event.type !== CUSTOM);
  const said = ordered.filter((event) => event.type === CUSTOM);
  const first = seen.find((event) => event.type === FULL_SNAPSHOT);
  const canPlay = first !== undefined;
  const beginMs = (canPlay ? seen[0] : ordered[0])?.timestamp ?? 0;
  const endMs = Math.max(beginMs, ordered[ordered.length - 1]?.timestamp ?? 0);
  const frames = canPlay ? [...sanitised(seen), { type: CUSTOM, timestamp: endMs, data: END }] : [];
  // The player draws at once what is before a moment, and not what is at it.
  const firstMs = first ? first.timestamp + 1 - beginMs : 0;
  return {
    frames,
    said,
    beginMs,
    lengthMs: endMs - beginMs,
    firstMs,
    ...sizeOf(seen),
    gaps: gapsOf(seen, beginMs, endMs),
  };
}

const END = { tag: "midwatch.end", payload: {} };

function sizeOf(events: readonly RecordedEvent[]): { width: number; height: number } {
  let { width, height } = SIZE;
  for (const event of events) {
    if (event.type !== META) continue;
    const data = fieldsOf(event.data);
    width = pixels(data.width) ?? width;
    height = pixels(data.height) ?? height;
    break;
  }
  return { width, height };
}

function pixels(value: unknown): number | undefined {
  const found = numberOf(value);
  return found !== undefined && found >= 1 && found <= PIXELS_MAX ? found : undefined;
}

function gapsOf(events: readonly RecordedEvent[], beginMs: number, endMs: number): Gap[] {
  const found: Gap[] = [];
  let before = beginMs;
  const note = (ms: number) => {
    if (ms - before >= IDLE_MS) found.push({ startMs: before - beginMs, endMs: ms - beginMs });
    before = ms;
  };
  for (const event of events)
    if (event.type === INCREMENTAL && BY_HAND.has(fieldsOf(event.data).source)) note(event.timestamp);
  note(endMs);
  return found;
}

/** `4:07.5`, for lists. */
export function formatMoment(ms: number): string {
  return `${formatOffset(ms)}.${Math.floor((Math.max(0, ms) % 1000) / 100)}`;
}

/** `4:07`, `1:02:03`. */
export function formatOffset(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
