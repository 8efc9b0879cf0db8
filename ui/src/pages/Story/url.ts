import { listOf, oneOf, textOf } from "@/app/search";
import { LEVELS, LINE_KINDS, SEED_NAMES } from "@/model/story";

/** The ids that a story begins with, by their names in the API; what of it is shown, and how. */
export interface StorySearch {
  id?: string;
  correlation_id?: string[];
  trace_id?: string[];
  request_id?: string[];
  job_id?: string[];
  message_id?: string[];
  session_id?: string[];
  user_id?: string[];
  entity?: string[];
  kind?: string[];
  level?: string[];
  service?: string[];
  fold?: "none";
  by?: "service";
  /** Only ids that were seen in the page's time range. */
  within?: string;
  /** Every story of a user, a session or an entity, not the newest alone. */
  stories?: "all";
}

export function validateStory(raw: Record<string, unknown>): StorySearch {
  const seeds = Object.fromEntries(SEED_NAMES.filter((name) => name !== "id").map((name) => [name, listOf(raw, name)]));
  return {
    ...seeds,
    id: textOf(raw, "id"),
    kind: listOf(raw, "kind")?.filter((one) => (LINE_KINDS as readonly string[]).includes(one)),
    level: listOf(raw, "level")?.filter((one) => (LEVELS as readonly string[]).includes(one)),
    service: listOf(raw, "service"),
    fold: oneOf(raw, "fold", ["none"] as const),
    by: oneOf(raw, "by", ["service"] as const),
    within: textOf(raw, "within"),
    stories: oneOf(raw, "stories", ["all"] as const),
  };
}
