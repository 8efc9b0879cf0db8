import type { StatusMails, StatusNotice, StatusPageAnswer } from "@/api/types";
import { plural } from "@/lib/format";
import type { Health } from "./red";

export type PageState = NonNullable<StatusPageAnswer["state"]>;
export type NoticeStatus = StatusNotice["status"];
export type Impact = StatusNotice["impact"];

export const STATE_WORD: Record<PageState, string> = {
  operational: "operational",
  maintenance: "maintenance",
  degraded: "degraded",
  partial_outage: "partial outage",
  major_outage: "major outage",
  unknown: "unknown",
};
export const STATE_HEALTH: Record<PageState, Health> = {
  operational: "good",
  maintenance: "idle",
  degraded: "warning",
  partial_outage: "warning",
  major_outage: "bad",
  unknown: "idle",
};
export const STATUS_WORD: Record<NoticeStatus, string> = {
  investigating: "investigating",
  identified: "identified",
  monitoring: "monitoring",
  resolved: "resolved",
  scheduled: "scheduled",
  in_progress: "in progress",
  completed: "completed",
};
export const IMPACTS: readonly { value: Impact; label: string }[] = [
  { value: "none", label: "None" },
  { value: "minor", label: "Minor: slower, or partly" },
  { value: "major", label: "Major: parts are down" },
  { value: "critical", label: "Critical: all is down" },
];

/** In the order in which one follows another. */
const INCIDENT = ["investigating", "identified", "monitoring", "resolved"] as const;
const MAINTENANCE = ["scheduled", "in_progress", "completed"] as const;

export function statusesOf(kind: StatusNotice["kind"]): readonly NoticeStatus[] {
  return kind === "incident" ? INCIDENT : MAINTENANCE;
}

export function isOver({ status }: Pick<StatusNotice, "status">): boolean {
  return status === "resolved" || status === "completed";
}

/** The status that the next update most likely tells of: the one after, and the last stays. */
export function nextStatus({ kind, status }: Pick<StatusNotice, "kind" | "status">): NoticeStatus {
  const known = statusesOf(kind);
  return known[Math.min(known.indexOf(status) + 1, known.length - 1)] ?? status;
}

export function lastStatus(kind: StatusNotice["kind"]): NoticeStatus {
  return kind === "incident" ? "resolved" : "completed";
}

/** "12 mails sent, 2 waiting, 1 not delivered". */
export function mailsText({ delivered, waiting, failed }: StatusMails): string {
  return [
    `${plural(delivered, "mail")} sent`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(failed > 0 ? [`${failed} not delivered`] : []),
  ].join(", ");
}
