import { oneOf, textOf } from "@/app/search";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

/** Filters of the list; each empty one is left out. */
export interface EventsSearch extends OpenSearch {
  type?: string;
  entity?: string;
  entity_id?: string;
  actor?: string;
  correlation_id?: string;
  trace_id?: string;
  acts?: "yes";
}

export function validateEvents(raw: Record<string, unknown>): EventsSearch {
  return {
    type: textOf(raw, "type"),
    entity: textOf(raw, "entity"),
    entity_id: textOf(raw, "entity_id"),
    actor: textOf(raw, "actor"),
    correlation_id: textOf(raw, "correlation_id"),
    trace_id: textOf(raw, "trace_id"),
    acts: oneOf(raw, "acts", ["yes"] as const),
    ...validateOpen(raw),
  };
}

export const NO_FILTERS: EventsSearch = {
  type: undefined,
  entity: undefined,
  entity_id: undefined,
  actor: undefined,
  correlation_id: undefined,
  trace_id: undefined,
  acts: undefined,
};

export interface StatesSearch {
  kind?: string;
}

export function validateStates(raw: Record<string, unknown>): StatesSearch {
  return { kind: textOf(raw, "kind") };
}

/** An entity by its kind and id, which may have slashes. */
export interface EntitySearch {
  kind?: string;
  id?: string;
}

export function validateEntity(raw: Record<string, unknown>): EntitySearch {
  return { kind: textOf(raw, "kind"), id: textOf(raw, "id") };
}
