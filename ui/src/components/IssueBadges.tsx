import type { IssueSummary } from "@/api/types";
import { badgesOf } from "@/model/errors/issue";
import { Badge } from "./Badge";

/** How an issue stands, in words of their meaning's colour. */
export function IssueBadges({ issue }: { issue: IssueSummary }) {
  return badgesOf(issue).map(({ word, tone, why }) => (
    <Badge key={word} tone={tone} title={why}>
      {word}
    </Badge>
  ));
}
