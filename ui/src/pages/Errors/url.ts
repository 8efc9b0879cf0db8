import { listOf, oneOf, textOf } from "@/app/search";
import { STANDINGS, type Standing } from "@/model/errors/issue";
import { type IssueSearch, validateIssue } from "@/pages/Issue/url";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

export const SORTS = ["last_seen", "first_seen", "events", "users", "priority"] as const;
export type Sort = (typeof SORTS)[number];
export const BY = ["type", "category", "severity", "service", "environment", "release", "handled"] as const;
/** What the chart tells errors apart by. */
export type By = (typeof BY)[number];
const HANDLED = ["yes", "no"] as const;
/** Who is nobody. */
export const NOBODY = "none";

/** Which issues are listed, in which order, what the chart shows, and the issue that is open. */
export interface ErrorsSearch extends OpenSearch, IssueSearch {
  standing?: Standing;
  query?: string;
  severity?: string[];
  category?: string[];
  priority?: string[];
  service?: string[];
  release?: string[];
  assignee?: string;
  handled?: (typeof HANDLED)[number];
  /** Of issues that were first seen in it. */
  first?: string;
  sort?: Sort;
  by?: By;
}

export function validateErrors(raw: Record<string, unknown>): ErrorsSearch {
  return {
    standing: oneOf(raw, "standing", STANDINGS),
    query: textOf(raw, "query"),
    severity: listOf(raw, "severity"),
    category: listOf(raw, "category"),
    priority: listOf(raw, "priority"),
    service: listOf(raw, "service"),
    release: listOf(raw, "release"),
    assignee: textOf(raw, "assignee"),
    handled: oneOf(raw, "handled", HANDLED),
    first: textOf(raw, "first"),
    sort: oneOf(raw, "sort", SORTS),
    by: oneOf(raw, "by", BY),
    ...validateIssue(raw),
    ...validateOpen(raw),
  };
}

export const UNFILTERED: ErrorsSearch = {
  query: undefined,
  severity: undefined,
  category: undefined,
  priority: undefined,
  service: undefined,
  release: undefined,
  assignee: undefined,
  handled: undefined,
  first: undefined,
};

export function isFiltered(search: ErrorsSearch): boolean {
  return Object.keys(UNFILTERED).some((name) => search[name as keyof ErrorsSearch] !== undefined);
}
