import type { AlertEvent, AlertGroupShown, AlertMark, AlertShown } from "@/api/types";
import { capitalized } from "@/lib/format";
import type { Health } from "./red";

export type Labels = Readonly<Record<string, string>>;

/** How grave an alert says that it is. */
export interface Severity {
  word: string;
  health: Health;
}

const BAD = /^(critical|page|emergency|fatal|disaster|high|sev-?[01]|p[01])$/i;
const WARNING = /^(warn|warning|error|major|medium|minor|ticket|sev-?2|p[23])$/i;

export function severityOf(labels: Labels): Severity {
  const word = labels.severity ?? labels.priority ?? "";
  if (BAD.test(word)) return { word, health: "bad" };
  if (WARNING.test(word)) return { word, health: "warning" };
  return { word: word || "no severity", health: "idle" };
}

/** What keeps an alert from waking somebody; `open` where nothing does. */
export type Standing = AlertShown["standing"];
export const STANDINGS: readonly Standing[] = ["open", "acknowledged", "snoozed", "silenced", "inhibited", "muted"];

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

/** Groups with their alerts below them, as the server has them: the most urgent first. */
export function alertRows(groups: readonly AlertGroupShown[]): AlertRow[] {
  return groups.flatMap((group) => [
    {
      kind: "group" as const,
      id: group.key,
      group,
      open: group.alerts.filter((alert) => alert.standing === "open").length,
    },
    ...group.alerts.map((alert) => ({ kind: "alert" as const, id: alert.fingerprint, alert, group })),
  ]);
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
      return capitalized(event.kind.replaceAll("_", " ")) + by;
  }
}
