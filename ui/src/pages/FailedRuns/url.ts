import { textOf } from "@/app/search";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

export const STANDINGS = ["open", "done", "all"] as const;
export type Standing = (typeof STANDINGS)[number];

/** Which runs are listed, which one is open, and which replay of many is shown. */
export interface FailedRunsSearch extends OpenSearch {
  handler?: string;
  service?: string;
  issue?: string;
  standing?: Standing;
  replay?: string;
}

export function validateFailedRuns(raw: Record<string, unknown>): FailedRunsSearch {
  return {
    ...validateOpen(raw),
    handler: textOf(raw, "handler"),
    service: textOf(raw, "service"),
    issue: textOf(raw, "issue"),
    standing: STANDINGS.find((one) => one === raw.standing),
    replay: textOf(raw, "replay"),
  };
}

export const UNFILTERED: FailedRunsSearch = {
  handler: undefined,
  service: undefined,
  issue: undefined,
  standing: undefined,
};
