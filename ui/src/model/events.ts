import type { DomainEvent, Party, StateMachine, Transition } from "@/api/types";

/** `linkup:42`, or what of it there is. */
export function partyText(party: Party | null | undefined): string {
  return [party?.type, party?.id].filter(Boolean).join(":");
}

/** `broadcasting → locked`; empty where the event changed no state. */
export function statesText(event: Pick<DomainEvent, "from_state" | "to_state">): string {
  if (!event.to_state) return "";
  return event.from_state ? `${event.from_state} → ${event.to_state}` : `→ ${event.to_state}`;
}

/** What a beginning is called where states stand. */
export const BEGINNING = "new";

export interface Matrix {
  from: string[];
  to: string[];
  /** By `from` and `to`; undefined: neither planned nor seen. */
  cell: (from: string, to: string) => Transition | undefined;
}

/** Transitions as a table of where from and where to, in the order of the states; an empty `from` is a beginning. */
export function matrixOf(machine: Pick<StateMachine, "states" | "transitions">): Matrix {
  const order = machine.states.map((one) => one.state);
  const known = new Map(machine.transitions.map((one) => [`${one.from_state}\u0000${one.to_state}`, one]));
  const named = (states: string[]) => [
    ...order.filter((one) => states.includes(one)),
    ...[...new Set(states)].filter((one) => one !== "" && !order.includes(one)).sort(),
  ];
  const from = named(machine.transitions.map((one) => one.from_state));
  const beginnings = machine.transitions.some((one) => one.from_state === "");
  return {
    from: beginnings ? ["", ...from] : from,
    to: named(machine.transitions.map((one) => one.to_state)),
    cell: (before, after) => known.get(`${before}\u0000${after}`),
  };
}

/** What differs between before and after, name by name; what is the same on both sides is left out. */
export function changes(
  before: Record<string, unknown> | null | undefined,
  after: Record<string, unknown> | null | undefined,
): { name: string; before: string; after: string }[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .map((name) => ({ name, before: valueText(before?.[name]), after: valueText(after?.[name]) }))
    .filter((one) => one.before !== one.after);
}

export function valueText(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
