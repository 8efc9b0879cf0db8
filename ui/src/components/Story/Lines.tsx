import type { ReactNode } from "react";
import type { StoryLine } from "@/api/types";
import { placeOf } from "@/model/story";
import { formatAbsolute, formatClock, formatNanos, formatShort, plainText, plural } from "@/lib/format";
import { usePreferences } from "@/state/preferences";
import { Badge, type BadgeTone } from "../Badge";
import { Go } from "../Go";
import { LongTable } from "../LongTable";
import classes from "./Story.module.css";

const COLUMNS = [
  { label: "Time" },
  { label: "Service", wideOnly: true },
  { label: "Kind" },
  { label: "What" },
  { label: "Took", numeric: true, wideOnly: true },
];
const TONES: Partial<Record<StoryLine["kind"], BadgeTone>> = { alert: "warning", deploy: "info", error: "bad" };
const DAY = 10;

/** The lines in order; each leads to where it is shown whole. */
export function Lines({ lines, label, more }: { lines: readonly StoryLine[]; label: string; more?: ReactNode }) {
  const { zone } = usePreferences();
  return (
    <LongTable
      label={label}
      what={["line", "lines"]}
      items={lines}
      columns={COLUMNS}
      more={more}
      row={(line, at) => {
        const before = lines[at - 1];
        const sameDay = before?.time.slice(0, DAY) === line.time.slice(0, DAY);
        return (
          <tr key={line.key} className={classes.line} data-failed={line.failed}>
            <td className="mono soft" title={formatAbsolute(line.time, zone)}>
              {sameDay ? formatClock(line.time, zone) : formatShort(line.time, zone, true)}
            </td>
            <td className="wide-only truncate" title={line.service}>
              {line.service || "–"}
            </td>
            <td>
              <Badge tone={line.failed ? "bad" : line.level === "warn" ? "warning" : (TONES[line.kind] ?? "none")}>
                {line.kind}
              </Badge>
            </td>
            <td className={classes.what}>
              <Go {...placeOf(line.link)} className="row-open" title="Open where this is from">
                {line.spans > 1 ? plural(line.spans, "more span") : plainText(line.title)}
              </Go>
              {line.failed && <span className="visually-hidden">failed</span>}
              {line.detail && line.spans <= 1 && <p className="row-under truncate soft">{plainText(line.detail)}</p>}
            </td>
            <td className="num wide-only soft">{line.duration_ns > 0 ? formatNanos(line.duration_ns) : ""}</td>
          </tr>
        );
      }}
    />
  );
}
