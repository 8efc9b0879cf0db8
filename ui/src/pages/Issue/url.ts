import { listOf, oneOf, textOf } from "@/app/search";

export const ISSUE_TABS = ["events", "tags", "activity", "groups"] as const;
/** Nothing: one event, with its stack. */
export type IssueTab = (typeof ISSUE_TABS)[number];

/** What an issue shows: a part of it; which of its events (an id, or `latest`, `oldest`; nothing: the one that says most);
 * whether its stack is shown as it came; and what its listed events have (`name:value`). */
export interface IssueSearch {
  tab?: IssueTab;
  event?: string;
  raw?: string;
  tag?: string[];
}

export function validateIssue(raw: Record<string, unknown>): IssueSearch {
  return {
    tab: oneOf(raw, "tab", ISSUE_TABS),
    event: textOf(raw, "event"),
    raw: textOf(raw, "raw"),
    tag: listOf(raw, "tag"),
  };
}

/** Another issue, or another event, begins anew. */
export const SHOWN_ANEW: IssueSearch = { tab: undefined, event: undefined, raw: undefined, tag: undefined };
