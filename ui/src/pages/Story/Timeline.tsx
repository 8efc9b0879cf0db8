import type { ReactNode } from "react";
import type { StoryLine } from "@/api/types";
import { Lines } from "@/components/Story/Lines";
import { plural } from "@/lib/format";
import { servicesOf } from "@/model/story";
import classes from "./Story.module.css";

/** The lines in order, or those of each service under its name. */
export function Timeline({
  lines,
  by,
  more,
}: {
  lines: readonly StoryLine[];
  by: "service" | undefined;
  more: ReactNode;
}) {
  if (by === undefined) return <Lines lines={lines} label="Lines in order" more={more} />;
  return (
    <>
      {servicesOf(lines).map(([name, some]) => (
        <details key={name} open className={classes.service}>
          <summary>
            {name} <span className="soft small">{plural(some.length, "line")}</span>{" "}
            {some.some((line) => line.failed) && (
              <span className="bad small">{plural(some.filter((line) => line.failed).length, "failure")}</span>
            )}
          </summary>
          <Lines lines={some} label={`Lines of ${name}`} />
        </details>
      ))}
      {more}
    </>
  );
}
