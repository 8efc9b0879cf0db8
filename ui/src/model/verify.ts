import type { ContractRow, VerifyFinding, VerifyReport } from "@/api/types";

export const SINCE = ["1h", "24h", "7d"] as const;
export type Since = (typeof SINCE)[number];

export const STATES = ["never", "stopped", "unknown", "coming"] as const;
export type RowState = (typeof STATES)[number];

/** The findings of one check, and whether it could look at all. */
export interface FindingGroup {
  check: string;
  title: string;
  error: string;
  findings: VerifyFinding[];
  /** How many there are; the server sends a part of very many. */
  total: number;
}

/** Checks that found something or failed, in the server's order; those of `severity` alone where it is given. */
export function findingGroups(
  report: Pick<VerifyReport, "checks" | "findings">,
  severity?: VerifyFinding["severity"],
): FindingGroup[] {
  const by = new Map<string, VerifyFinding[]>();
  for (const one of report.findings) {
    if (severity === undefined || one.severity === severity) by.set(one.check, [...(by.get(one.check) ?? []), one]);
  }
  return report.checks
    .map(({ name, title, error, findings }) => ({
      check: name,
      title,
      error,
      findings: by.get(name) ?? [],
      total: severity === undefined ? findings : (by.get(name)?.length ?? 0),
    }))
    .filter((group) => group.error !== "" || group.findings.length > 0);
}

const ORDER: Record<ContractRow["state"], number> = { never: 0, stopped: 1, unknown: 2, coming: 3 };

/** What is wrong first, then by kind and name; of a state and with words where these are given. */
export function contractRows(rows: readonly ContractRow[], state: RowState | undefined, words: string): ContractRow[] {
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return rows
    .filter((row) => state === undefined || row.state === state)
    .filter((row) => {
      const text = [row.name, row.thing, row.owner, ...row.services].join(" ").toLowerCase();
      return wanted.every((word) => text.includes(word));
    })
    .sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.thing.localeCompare(b.thing) || a.name.localeCompare(b.name));
}

export function stateCounts(rows: readonly ContractRow[]): Record<RowState, number> {
  const counts = { never: 0, stopped: 0, unknown: 0, coming: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

/** How far a run is: checks that are done, of all. */
export function progress(report: Pick<VerifyReport, "checks">): { done: number; all: number; next: string } {
  const waiting = report.checks.filter((one) => one.state === "waiting");
  return {
    done: report.checks.length - waiting.length,
    all: report.checks.length,
    next: waiting[0]?.title ?? "",
  };
}

/** A view of the page as its address and search, of a link that the server made. */
export function placeOf(link: string): { to: string; search: Record<string, string> } {
  const [to = "/", query = ""] = link.split("?", 2);
  return { to, search: Object.fromEntries(new URLSearchParams(query)) };
}
