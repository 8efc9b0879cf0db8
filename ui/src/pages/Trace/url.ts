import { textOf } from "@/app/search";

/** The open span of a trace, and what is looked for in it. */
export interface TraceSearch {
  span?: string;
  find?: string;
}

export function validateTrace(raw: Record<string, unknown>): TraceSearch {
  return { span: textOf(raw, "span"), find: textOf(raw, "find") };
}
