/** The part of rrweb's events that the page reads; the rest is rrweb's own. Recordings are what somebody sent: nothing in them is certain. */
export interface RecordedEvent {
  type: number;
  timestamp: number;
  data?: unknown;
}

export const FULL_SNAPSHOT = 2;
export const INCREMENTAL = 3;
export const META = 4;
export const CUSTOM = 5;

/** Kinds of incremental events that a person makes: mouse, clicks, scrolling, typing, touching, dragging. */
export const BY_HAND: ReadonlySet<unknown> = new Set([1, 2, 3, 5, 6, 12]);

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
