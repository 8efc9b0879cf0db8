import { textOf } from "@/app/search";

export interface SqlSearch {
  sql?: string;
}

export function validateSql(raw: Record<string, unknown>): SqlSearch {
  return { sql: textOf(raw, "sql") };
}
