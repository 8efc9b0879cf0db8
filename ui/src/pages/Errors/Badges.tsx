import type { IssueSummary } from "@/api/types";
import { badgesOf } from "@/model/errors/issue";
import classes from "./Errors.module.css";

/** How an issue stands, in words of their meaning's colour. */
export function Badges({ issue }: { issue: IssueSummary }) {
  return badgesOf(issue).map(({ word, tone, why }) => (
    <span key={word} className={classes.badge} data-tone={tone} title={why}>
      {word}
    </span>
  ));
}
