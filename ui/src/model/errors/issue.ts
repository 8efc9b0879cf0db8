import type { Activity, IssueChange, IssueDetail, IssueSummary } from "@/api/types";
import type { Health } from "../red";

export const STANDINGS = ["unresolved", "new", "regressed", "escalating", "resolved", "ignored", "all"] as const;
/** Which issues a list is of: by status, or unresolved ones by how they came to be that. */
export type Standing = (typeof STANDINGS)[number];
export const STANDING_WORD: Record<Standing, string> = {
  unresolved: "Unresolved",
  new: "New",
  regressed: "Regressed",
  escalating: "Escalating",
  resolved: "Resolved",
  ignored: "Ignored",
  all: "All",
};

/** As the API is asked for it. */
export function standingParams(standing: Standing): { status: string; substatus?: string } {
  if (standing === "new" || standing === "regressed" || standing === "escalating")
    return { status: "unresolved", substatus: standing };
  return { status: standing };
}

/** How many there are, by what the API counts. */
export function standingCount(counts: Readonly<Record<string, number>>, standing: Standing): number {
  if (standing !== "all") return counts[standing] ?? 0;
  return (counts.unresolved ?? 0) + (counts.resolved ?? 0) + (counts.ignored ?? 0);
}

export interface Badge {
  word: string;
  tone: "bad" | "warning" | "info" | "good" | "none";
  why: string;
}

/** What is told of an issue beside its title. */
export function badgesOf(issue: IssueSummary): Badge[] {
  const badges: Badge[] = [];
  if (issue.status === "resolved") badges.push({ word: "resolved", tone: "good", why: "Somebody resolved it" });
  else if (issue.status === "ignored") badges.push({ word: "ignored", tone: "none", why: "Nobody is told of it" });
  else if (issue.substatus === "regressed")
    badges.push({ word: "regressed", tone: "bad", why: "It was resolved, and came back" });
  else if (issue.substatus === "escalating")
    badges.push({ word: "escalating", tone: "bad", why: "It comes far more often than it used to" });
  else if (issue.substatus === "new")
    badges.push({
      word: "new",
      tone: "info",
      why: "First seen within the last seven days, and nobody took care of it",
    });
  if (!issue.handled) badges.push({ word: "unhandled", tone: "warning", why: "The program did not catch it" });
  return badges;
}

const SEVERITY_HEALTH: Record<string, Health> = {
  critical: "bad",
  fatal: "bad",
  error: "bad",
  warning: "warning",
};

export function severityHealth(severity: string): Health {
  return SEVERITY_HEALTH[severity] ?? "idle";
}

/** What an issue is called: its type stands before what it says, and may be all there is. */
export function titleParts({ type, value, title }: Pick<IssueSummary, "type" | "value" | "title">): {
  head: string;
  said: string;
} {
  const first = value.split("\n", 1)[0] ?? "";
  // Rules can give a title of their own.
  const own = title !== "" && !title.startsWith(type);
  if (own || type === "") return { head: title || "(no message)", said: "" };
  return { head: type, said: first };
}

/** What makes it be resolved or ignored no longer. */
export function untilWords({ issue, resolved_in: resolvedIn, ignored_until: until }: IssueDetail): string {
  if (issue.status === "resolved") {
    if (resolvedIn.startsWith(">")) return `until it is seen in a release after ${resolvedIn.slice(1) || "this one"}`;
    return resolvedIn ? `until it is seen in ${resolvedIn.slice(1)} or later` : "until it is seen again";
  }
  if (issue.status !== "ignored") return "";
  const { time_ms: time, count, users } = until as { time_ms?: number; count?: number; users?: number };
  const parts = [
    time !== undefined && `until ${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`,
    count !== undefined && `until it came ${count.toLocaleString("en-US")} more times`,
    users !== undefined && `until it hit ${users.toLocaleString("en-US")} more users`,
  ].filter((one) => one !== false);
  return parts.length > 0 ? parts.join(", or ") : "for good";
}

/** What happened to an issue, as a sentence without its subject. */
export function activityWords({ kind, data }: Activity): string {
  const said = (name: string) => (data[name] === undefined ? "" : String(data[name]));
  switch (kind) {
    case "new":
      return said("release") ? `seen for the first time, in ${said("release")}` : "seen for the first time";
    case "regressed":
      return said("release") ? `came back, in ${said("release")}` : "came back after it was resolved";
    case "escalating":
      return "comes far more often than it used to";
    case "resolved": {
      const inRelease = said("in");
      if (inRelease.startsWith(">")) return `resolved in the release after ${inRelease.slice(1)}`;
      return inRelease ? `resolved in ${inRelease.slice(1)}` : "resolved";
    }
    case "unresolved":
      return "opened again";
    case "unignored":
      return "ignored no longer";
    case "assigned":
      return said("to") ? `assigned to ${said("to")}` : "assigned to nobody";
    case "priority":
      return `priority set to ${said("to")}`;
    case "comment":
      return "commented";
    case "merge":
      return "other issues were merged into it";
    case "merged":
      return "merged into another issue";
    case "split":
      return "a part of it became an issue of its own";
    case "split_from":
      return "split from another issue";
    case "linked":
      return "linked to an issue of a tracker";
    case "unlinked":
      return "a link to a tracker was taken away";
    default:
      return kind.replaceAll("_", " ");
  }
}

/** What somebody does about one issue or many, and how it is called. */
export interface Act {
  label: string;
  change: Omit<IssueChange, "ids">;
}

const HOUR = 3600;
export const RESOLVE: Act = { label: "Resolve", change: { status: "resolved" } };
export const RESOLVE_NEXT: Act = {
  label: "In the next release",
  change: { status: "resolved", resolved_in: "next" },
};
export const REOPEN: Act = { label: "Open again", change: { status: "unresolved" } };
export const IGNORE: Act = { label: "Ignore", change: { status: "ignored" } };
export const IGNORE_FOR: readonly Act[] = (
  [
    ["For 1 hour", HOUR],
    ["For 1 day", 24 * HOUR],
    ["For 1 week", 168 * HOUR],
  ] as const
).map(([label, seconds]) => ({ label, change: { status: "ignored", ignore_until: { seconds } } }));

/** The issue that others are merged into: the one that is known for longest. */
export function mergeTarget(issues: readonly IssueSummary[]): IssueSummary | undefined {
  return [...issues].sort((a, b) => a.first_seen.localeCompare(b.first_seen) || a.id - b.id)[0];
}

const REASONS: Record<string, string> = {
  filtered_by_rule: "by a rule of the plan",
  filtered_release: "of a release that is left out",
  filtered_message: "of a message that is left out",
  filtered_crawler: "of a crawler",
  filtered_browser_extension: "of a browser extension",
  filtered_localhost: "of localhost",
  sampled_out: "left out by sampling",
  spike_protection: "dropped by spike protection",
  repeated: "sent a second time",
  error_counted_only: "counted alone, above the limits",
  error_payload_cut: "cut, as they were too large",
};

/** Only their times were put right. */
const KEPT_WHOLE = new Set(["error_past_timestamp", "error_future_timestamp"]);

/** Why events were not kept, or not whole, the commonest first. */
export function droppedWords(reasons: Readonly<Record<string, number>>): { total: number; parts: string[] } {
  const sorted = Object.entries(reasons)
    .filter(([reason]) => !KEPT_WHOLE.has(reason))
    .sort(([, a], [, b]) => b - a);
  return {
    total: sorted.reduce((sum, [, count]) => sum + count, 0),
    parts: sorted.map(
      ([reason, count]) =>
        `${Math.round(count).toLocaleString("en-US")} ${REASONS[reason] ?? reason.replaceAll("_", " ")}`,
    ),
  };
}

/** All ids between two of a list, both of them included, in whichever order. */
export function between(ids: readonly number[], one: number, other: number): number[] {
  const [a, b] = [ids.indexOf(one), ids.indexOf(other)];
  return a < 0 || b < 0 ? [other] : ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/** Other issues that something happened together with. */
export function otherIssues({ kind, data }: Activity): number[] {
  if (kind === "merge") return Array.isArray(data.issues) ? data.issues.filter((one) => typeof one === "number") : [];
  const one = kind === "split" || kind === "merged" ? data.into : kind === "split_from" ? data.issue : undefined;
  return typeof one === "number" ? [one] : [];
}
