import { oneOf, textOf } from "@/app/search";

/** The open span of a trace, what is looked for in it, and how it is drawn (nothing: the waterfall). */
export interface TraceSearch {
  span?: string;
  find?: string;
  view?: "flame";
}

export function validateTrace(raw: Record<string, unknown>): TraceSearch {
  return { span: textOf(raw, "span"), find: textOf(raw, "find"), view: oneOf(raw, "view", ["flame"] as const) };
}
