import { oneOf, textOf } from "@/app/search";
import { HEARTBEAT_FILTERS, type HeartbeatFilter, PROBE_STATES, type ProbeState } from "@/model/uptime";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

/** What a view of probes is: their state, the words of its filter, and which one is open. */
export interface ProbesSearch extends OpenSearch {
  state?: ProbeState;
  filter?: string;
}

export function validateProbes(raw: Record<string, unknown>): ProbesSearch {
  return { ...validateOpen(raw), state: oneOf(raw, "state", PROBE_STATES), filter: textOf(raw, "filter") };
}

export interface HeartbeatsSearch extends OpenSearch {
  state?: HeartbeatFilter;
  filter?: string;
}

export function validateHeartbeats(raw: Record<string, unknown>): HeartbeatsSearch {
  return { ...validateOpen(raw), state: oneOf(raw, "state", HEARTBEAT_FILTERS), filter: textOf(raw, "filter") };
}

/** What is being written, or whose addresses are looked at. */
const DOING = ["edit", "incident", "maintenance", "subscribers"] as const;

export interface StatusPageSearch {
  doing?: (typeof DOING)[number];
}

export function validateStatusPage(raw: Record<string, unknown>): StatusPageSearch {
  return { doing: oneOf(raw, "doing", DOING) };
}
