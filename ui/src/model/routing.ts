import type { RouteAsked, RouteShown, RouteTold, RoutingAnswer } from "@/api/types";
import { formatSeconds } from "@/lib/format";

export interface RouteRow {
  route: RouteShown;
  depth: number;
  /** Of how many routes below it. */
  below: number;
  closed: boolean;
  /** What it has from the one above: not said again. */
  above: RouteShown | undefined;
}

/** Below so many routes a tree is shown whole at first. */
export const OPEN_MAX = 40;

/** Every route that has routes below it, but for the root. */
export function foldable(root: RouteShown): string[] {
  return root.routes.flatMap((one) => (one.routes.length > 0 ? [one.id, ...foldable(one)] : []));
}

/** Routes in the order in which they are asked, without what is below closed ones. */
export function routeRows(root: RouteShown, closed: ReadonlySet<string>, depth = 0, above?: RouteShown): RouteRow[] {
  const row = { route: root, depth, below: countBelow(root), closed: closed.has(root.id), above };
  return row.closed ? [row] : [row, ...root.routes.flatMap((one) => routeRows(one, closed, depth + 1, root))];
}

export function countBelow(route: RouteShown): number {
  return route.routes.reduce((sum, one) => sum + 1 + countBelow(one), 0);
}

/** Only what holds every word, with the routes that lead there; null where nothing does. */
export function narrowed(root: RouteShown, filter: string): RouteShown | null {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? root : only(root, words);
}

function only(route: RouteShown, words: readonly string[]): RouteShown | null {
  const text = [route.matchers, route.receiver, ...route.group_by, ...route.mute_times, ...route.active_times]
    .join("\n")
    .toLowerCase();
  if (words.every((word) => text.includes(word))) return route;
  const routes = route.routes.map((one) => only(one, words)).filter((one) => one !== null);
  return routes.length > 0 ? { ...route, routes } : null;
}

/** On an alert's way: its receiver is told, it leads to one that is, a matcher does not hold; or it is not asked. */
export type Way = "told" | "leads" | "refuses" | "unasked";

export function wayOf(asked: RouteAsked | undefined): Way {
  if (asked === undefined) return "unasked";
  if (asked.chosen) return "told";
  return asked.taken ? "leads" : "refuses";
}

/** Routes on the way to where an alert goes: they are opened for it. */
export function onTheWay(answer: RoutingAnswer): Set<string> {
  return new Set(answer.steps.filter((one) => one.taken).map((one) => one.route_id));
}

export interface Call {
  after: string;
  /** One a person or receiver, as a sentence without its end. */
  told: string[];
}

/** Whom the escalations of a receiver tell, step by step. */
export function calls(told: RouteTold): Call[] {
  const found = new Map<number, string[]>();
  for (const one of told.on_call) {
    const who = one.person
      ? `${one.name}${one.schedule ? ` (on duty in ${one.schedule})` : ""} by ${one.receiver}`
      : one.schedule
        ? `nobody is on duty in ${one.schedule}`
        : `receiver ${one.receiver}`;
    found.set(one.after_seconds, [...(found.get(one.after_seconds) ?? []), who]);
  }
  return [...found].map(([seconds, who]) => ({
    after: seconds === 0 ? "at once" : `after ${formatSeconds(seconds)}`,
    told: who,
  }));
}

/** Labels as they are typed: `severity=critical team="web shop"`, apart by spaces or commas, in braces or not. */
export function parseLabels(text: string): { labels: Record<string, string> } | { error: string } {
  const labels: Record<string, string> = {};
  const inner = text.trim().replace(/^\{(.*)\}$/s, "$1");
  let at = 0;
  while (at < inner.length) {
    const rest = inner.slice(at);
    const gap = /^[\s,]+/.exec(rest);
    if (gap) {
      at += gap[0].length;
      continue;
    }
    const found = /^("(?:[^"\\]|\\.)*"|[^\s,="!~]+)\s*(=~|!=|!~|=)\s*("(?:[^"\\]|\\.)*"|[^\s,"]*)/.exec(rest);
    const [whole, name = "", operator = "", value = ""] = found ?? [];
    if (whole === undefined) return { error: `${firstWord(rest)}: expected name=value, such as severity=critical` };
    if (operator !== "=")
      return { error: `${whole}: an alert has values and no patterns; write ${unquoted(name)}=value` };
    labels[unquoted(name)] = unquoted(value);
    at += whole.length;
  }
  return { labels };
}

/** As parseLabels reads them; the name of the alert first. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a === "alertname" ? -1 : b === "alertname" ? 1 : a.localeCompare(b)))
    .map(([name, value]) => `${quoted(name, /^[\w.:-]+$/)}=${quoted(value, /^[^\s,"{}]+$/)}`)
    .join(" ");
}

function quoted(text: string, plain: RegExp): string {
  return plain.test(text) ? text : JSON.stringify(text);
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}

function firstWord(text: string): string {
  return /^\S+/.exec(text)?.[0] ?? text;
}
