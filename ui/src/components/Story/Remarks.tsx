import { IconAlertTriangle, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { StoryRemark } from "@/api/types";
import { placeOf } from "@/model/story";
import { formatClock } from "@/lib/format";
import { usePreferences } from "@/state/preferences";
import { Go } from "../Go";
import classes from "./Story.module.css";

const MARKS = {
  bad: { Icon: IconCircleX, word: "Failure", tone: "bad" },
  warning: { Icon: IconAlertTriangle, word: "Warning", tone: "warning" },
  note: { Icon: IconInfoCircle, word: "Note", tone: "info" },
} as const;

/** What the lines say together: failures, gaps, retries, duplicates; each with the line where one should look. */
export function Remarks({ remarks }: { remarks: readonly StoryRemark[] }) {
  const { zone } = usePreferences();
  return (
    <ul className={classes.remarks} aria-label="Remarks">
      {remarks.map((one, at) => {
        const { Icon, word, tone } = MARKS[one.weight];
        const first = one.lines[0];
        return (
          <li key={at}>
            <Icon size={16} className={tone} aria-hidden />
            <span className="visually-hidden">{word}:</span>
            <span>
              {one.text}{" "}
              {first && (
                <Go {...placeOf(first.link)} className="small" title={`${first.service}: ${first.title}`}>
                  {formatClock(first.time, zone)}
                </Go>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
