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
