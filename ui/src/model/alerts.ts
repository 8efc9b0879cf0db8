import type { AlertEvent, AlertGroupShown, AlertMark, AlertShown } from "@/api/types";
import type { Health } from "./red";

export type Labels = Readonly<Record<string, string>>;

/** How grave an alert says that it is, and its rank: the gravest has the lowest. */
export interface Severity {
  word: string;
  health: Health;
  rank: number;
}

const BAD = /^(critical|page|emergency|fatal|disaster|high|sev-?[01]|p[01])$/i;
const WARNING = /^(warn|warning|error|major|medium|minor|ticket|sev-?2|p[23])$/i;

export function severityOf(labels: Labels): Severity {
  const word = labels.severity ?? labels.priority ?? "";
  if (BAD.test(word)) return { word, health: "bad", rank: 0 };
  if (WARNING.test(word)) return { word, health: "warning", rank: 1 };
  return { word: word || "no severity", health: "idle", rank: word ? 2 : 3 };
}

export const STANDINGS = ["open", "acknowledged", "snoozed", "silenced", "inhibited", "muted"] as const;
/** What keeps an alert from waking somebody, the strongest first; `open` where nothing does. */
export type Standing = (typeof STANDINGS)[number];

export function standingOf(alert: AlertShown): Standing {
  if (alert.silenced_by.length > 0) return "silenced";
  if (alert.inhibited_by.length > 0) return "inhibited";
  if (markOf(alert, "snoozed")) return "snoozed";
  if (markOf(alert, "acknowledged")) return "acknowledged";
  return alert.muted_by.length > 0 ? "muted" : "open";
}

export function markOf(alert: AlertShown, kind: AlertMark["kind"]): AlertMark | undefined {
  return alert.marks.find((mark) => mark.kind === kind);
}

/** Labels that tell an alert from its neighbours: not its name, its severity, nor what its group shares. */
export function tellingLabels(labels: Labels, shared: Labels = {}): [string, string][] {
  return Object.entries(labels)
    .filter(([name]) => name !== "alertname" && name !== "severity" && shared[name] === undefined)
    .sort(([a], [b]) => a.localeCompare(b));
}

/** `a="1", b="2"`: as matchers and the field of a silence have them. */
export function matcherText(labels: Labels): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a === "alertname" ? -1 : b === "alertname" ? 1 : a.localeCompare(b)))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ");
}

export type AlertRow =
  | { kind: "group"; id: string; group: AlertGroupShown; open: number }
  | { kind: "alert"; id: string; alert: AlertShown; group: AlertGroupShown };

/**
 * Groups with their alerts below them, of those that stand as asked and hold every typed word. Groups in which somebody is
 * missing come first, then by the gravest of their alerts, then the newest.
 */
export function alertRows(
  groups: readonly AlertGroupShown[],
  standing: Standing | undefined,
  filter: string,
): AlertRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = groups
    .map((group) => ({ group, alerts: group.alerts.filter((alert) => fits(alert, group, standing, words)) }))
    .filter(({ alerts }) => alerts.length > 0)
    .map(({ group, alerts }) => {
      alerts.sort(byUrgency);
      return { group, alerts, open: alerts.filter((alert) => standingOf(alert) === "open").length };
    });
  chosen.sort((a, b) => byUrgency(a.alerts[0] as AlertShown, b.alerts[0] as AlertShown));
  return chosen.flatMap(({ group, alerts, open }) => [
    { kind: "group" as const, id: group.key, group, open },
    ...alerts.map((alert) => ({ kind: "alert" as const, id: alert.fingerprint, alert, group })),
  ]);
}

function fits(alert: AlertShown, group: AlertGroupShown, standing: Standing | undefined, words: readonly string[]) {
  if (standing !== undefined && standingOf(alert) !== standing) return false;
  if (words.length === 0) return true;
  const text = [
    group.receiver,
    ...Object.entries(alert.labels).map((pair) => pair.join("=")),
    alert.annotations.summary,
  ]
    .join("\n")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function byUrgency(a: AlertShown, b: AlertShown): number {
  const held = Number(standingOf(a) !== "open") - Number(standingOf(b) !== "open");
  return (
    held || severityOf(a.labels).rank - severityOf(b.labels).rank || Date.parse(b.starts_at) - Date.parse(a.starts_at)
  );
}

/** What happened, as a sentence without its time; who did it or was told stands in it. */
export function eventWords(event: Pick<AlertEvent, "kind" | "by" | "receiver" | "details">): string {
  const by = event.by ? ` by ${event.by}` : "";
  switch (event.kind) {
    case "firing":
      return "Began to fire";
    case "resolved":
      return "Resolved";
    case "notified":
      return `Told ${event.receiver || "the page"}`;
    case "silenced":
    case "inhibited":
    case "muted":
      return `Not told to ${event.receiver || "anybody"}: ${event.kind}`;
    case "unacknowledged":
      return `No longer acknowledged${by ? `, taken back${by}` : ""}`;
    case "woken":
      return "Its snooze ended while it still fires";
    case "assigned": {
      const to = event.details.assignee;
      return `Assigned${typeof to === "string" ? ` to ${to}` : ""}${by}`;
    }
    default:
      return `${event.kind.charAt(0).toUpperCase()}${event.kind.slice(1).replaceAll("_", " ")}${by}`;
  }
}
