import { numberOf, textOf } from "@/app/search";

/** Which replays are listed: of whom, where, those with errors, with clicks that went wrong, and how long (in seconds). */
export interface ReplaysSearch {
  user?: string;
  url?: string;
  errors?: string;
  rage?: string;
  min?: number;
}

export function validateReplays(raw: Record<string, unknown>): ReplaysSearch {
  return {
    user: textOf(raw, "user"),
    url: textOf(raw, "url"),
    errors: textOf(raw, "errors"),
    rage: textOf(raw, "rage"),
    min: numberOf(raw, "min"),
  };
}

export const UNFILTERED: ReplaysSearch = {
  user: undefined,
  url: undefined,
  errors: undefined,
  rage: undefined,
  min: undefined,
};
