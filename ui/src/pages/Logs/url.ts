import { textOf } from "@/app/search";

export interface LogsSearch {
  query?: string;
}

export function validateLogs(raw: Record<string, unknown>): LogsSearch {
  return { query: textOf(raw, "query") };
}
