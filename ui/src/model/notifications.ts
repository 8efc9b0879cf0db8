import type { IntegrationStatus, ReceiverStatus } from "@/api/types";
import type { Health } from "./red";

const REASONS: Record<string, string> = {
  first_notification: "first of its group",
  new_alerts_in_group: "new alerts in the group",
  new_resolved_alerts: "some resolved",
  all_alerts_resolved: "all resolved",
  repeat_interval_elapsed: "repeated",
  escalation: "escalated, since nobody acknowledged",
  digest: "digest",
  drill: "drill",
  acknowledged: "acknowledged",
};

/** Why a notification was sent, in words. */
export function reasonWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll("_", " ");
}

/** How a notification fares, by its state. */
export function stateHealth(state: string): Health {
  if (state === "delivered") return "good";
  if (state === "failed") return "bad";
  return state === "dropped" ? "warning" : "idle";
}

export const NOTIFICATION_STATES = ["delivered", "failed", "pending", "superseded", "dropped"] as const;
export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/** What a state means for whoever was to be told. */
export const STATE_MEANS: Record<string, string> = {
  delivered: "Its receiver took it.",
  failed: "It was refused for good or given up: nobody was told by it.",
  pending: "It waits to be delivered.",
  superseded: "It could not be delivered before a newer one of its group was due, which says everything.",
  dropped: "Its receiver has nothing to say about it, or is gone from the configuration.",
};

const VERDICTS: Record<string, { word: string; health: Health }> = {
  delivered: { word: "delivered", health: "good" },
  again: { word: "failed, to be tried again", health: "warning" },
  refused: { word: "refused for good", health: "bad" },
  nothing: { word: "nothing to send", health: "idle" },
};

/** How an attempt ended. */
export function verdictOf(verdict: string): { word: string; health: Health } {
  return VERDICTS[verdict] ?? { word: verdict, health: "idle" };
}

/** The labels of a group, as its key ends with them: `{}/{team="shop"}:{alertname="Down"}`; none of a key of another form. */
export function groupLabels(key: string): Record<string, string> {
  const written = key.match(/^(?:"(?:[^"\\]|\\.)*"|[^":]|:(?!\{))*:\{(.*)\}$/s)?.[1] ?? "";
  const labels: Record<string, string> = {};
  for (const [, name = "", value = ""] of written.matchAll(/([^\s,="]+)="((?:[^"\\]|\\.)*)"/g))
    labels[name] = value.replace(/\\n/g, "\n").replace(/\\(.)/g, "$1");
  return labels;
}

/** What a notification is about, in a few words. */
export function groupName(key: string): string {
  if (key.startsWith("{}/test:")) return "A test";
  const { alertname, ...others } = groupLabels(key);
  const words = [alertname, ...Object.values(others)].filter((word) => word !== undefined && word !== "");
  return words.length > 0 ? words.join(" · ") : "All alerts";
}

/** `2 firing, 1 resolved`, without what there is none of. */
export function countsText(firing: number, resolved: number): string {
  const parts = [firing > 0 && `${firing} firing`, resolved > 0 && `${resolved} resolved`];
  return parts.filter(Boolean).join(", ") || "nothing";
}

/** A body as one reads it: JSON by lines, everything else as it is. */
export function readableBody(body: string): string {
  if (!/^\s*[[{]/.test(body)) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body; // cut, or no JSON after all
  }
}

/** How an integration fares, by what was sent through it last. */
export function integrationFares(one: IntegrationStatus): { word: string; health: Health } {
  if (one.failing_since !== null) return { word: "fails", health: "bad" };
  if (one.lost) return { word: "lost a message", health: "bad" };
  return one.last_delivered === null ? { word: "never used", health: "idle" } : { word: "works", health: "good" };
}

/** One line a receiver's integration, those that fail first; `first`: of its receiver. */
export interface ReceiverRow {
  receiver: string;
  first: boolean;
  integration: IntegrationStatus;
}

export function receiverRows(receivers: readonly ReceiverStatus[]): ReceiverRow[] {
  const fails = (one: ReceiverStatus) => one.integrations.some((each) => integrationFares(each).health === "bad");
  return [...receivers]
    .sort((a, b) => Number(fails(b)) - Number(fails(a)))
    .flatMap(({ name, integrations }) =>
      integrations.map((integration, at) => ({ receiver: name, first: at === 0, integration })),
    );
}
