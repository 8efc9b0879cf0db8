import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { LogRow } from "@/api/types";
import { LevelBadge } from "@/components/LevelBadge";
import { Middle } from "@/components/Middle";
import { formatAbsolute, formatClock, formatDay, plainText, threeDigits, truncateMiddle } from "@/lib/format";
import { useRowInSight } from "@/lib/useRowInSight";
import { usePreferences } from "@/state/preferences";
import classes from "./Logs.module.css";

const ROW = 28;
const NEAR_END = 20;

/** Thousands of lines, of which only those in sight are in the document. */
export function LogList({
  rows,
  current,
  dated,
  onOpen,
  onEnd,
}: {
  rows: readonly LogRow[];
  current: number;
  /** The lines are of several days. */
  dated: boolean;
  onOpen: (row: LogRow) => void;
  onEnd: () => void;
}) {
  const { zone } = usePreferences();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_END) onEnd();
  }, [last, rows.length, onEnd]);
  useRowInSight(scroller, current, ROW);
  return (
    <div
      ref={scroller}
      className={classes.list}
      tabIndex={0}
      role="grid"
      aria-label="Log lines"
      aria-rowcount={rows.length}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <div
              key={row.id}
              role="row"
              aria-rowindex={item.index + 1}
              aria-selected={item.index === current}
              className={classes.line}
              data-level={row.level}
              style={{ transform: `translateY(${item.start}px)`, height: ROW }}
              onClick={() => onOpen(row)}
            >
              <span role="gridcell" className={classes.time} title={formatAbsolute(row.timestamp, zone)}>
                {dated && <span className={classes.day}>{formatDay(row.timestamp, zone)} </span>}
                {formatClock(row.timestamp, zone)}
              </span>
              <span role="gridcell" className={classes.level}>
                <LevelBadge level={row.level} />
              </span>
              <span role="gridcell" className={classes.service} title={row.service}>
                <Middle text={row.service} />
              </span>
              <span role="gridcell" className={classes.body}>
                {plainText(row.body) || row.event_name || "(no text)"}
                <Extras row={row} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

const SHOWN = ["exception.type", "http.route", "http.response.status_code", "duration_ms", "order.id", "user.id"];

function Extras({ row }: { row: LogRow }) {
  const found = SHOWN.filter((key) => row.attributes[key] !== undefined).slice(0, 3);
  return (
    <>
      {found.map((key) => (
        <span key={key} className={classes.extra}>
          {key}=<b title={String(row.attributes[key])}>{brief(row.attributes[key])}</b>
        </span>
      ))}
    </>
  );
}

function brief(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value)) return threeDigits(value);
  return truncateMiddle(typeof value === "object" ? JSON.stringify(value) : String(value), 24);
}
