import { oneOf, textOf } from "@/app/search";

/** The service whose calls are shown alone, and how the map is drawn (nothing: as a picture). */
export interface MapSearch {
  focus?: string;
  view?: "table";
}

export function validateMap(raw: Record<string, unknown>): MapSearch {
  return { focus: textOf(raw, "focus"), view: oneOf(raw, "view", ["table"] as const) };
}
