import { textOf } from "@/app/search";

/** What a Logs view is: its search, the open line, whether that fills the page, and whether new lines come by themselves. */
export interface LogsSearch {
  query?: string;
  line?: string;
  full?: string;
  tail?: string;
}

export function validateLogs(raw: Record<string, unknown>): LogsSearch {
  return {
    query: textOf(raw, "query"),
    line: textOf(raw, "line"),
    full: textOf(raw, "full"),
    tail: textOf(raw, "tail"),
  };
}
