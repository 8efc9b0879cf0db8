import { Button } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useMemo } from "react";
import { useApi } from "@/api/queries";
import type { OnCallPerson, OnCallSchedule, OnCallShifts } from "@/api/types";
import { Loaded, Notice } from "@/components/State";
import { useNow } from "@/components/Time";
import { formatDay, formatMillis, formatShort, zoneName } from "@/lib/format";
import { mondayOf, placeIn, type Segment, uncovered, type Week, WEEKS_SHOWN, weeksOf } from "@/model/onCall";
import { usePreferences } from "@/state/preferences";
import classes from "./OnCall.module.css";
import type { OverrideDraft } from "./Overrides";
import { nameOf, PersonMark } from "./PersonMark";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const EVERY_MS = 60_000;
/** A shift of less than this part of a week has room for the first name alone. */
const NARROW = 0.09;

/** Four weeks of one schedule, a line each, in the zone that the page is read in. A click on a shift stands in for it. */
export function Calendar({
  schedule,
  people,
  colors,
  weeks,
  onWeeks,
  onShift,
}: {
  schedule: OnCallSchedule;
  people: readonly OnCallPerson[];
  colors: (id: string) => string;
  /** How many from this one it begins. */
  weeks: number;
  onWeeks: (weeks: number) => void;
  onShift?: (draft: OverrideDraft) => void;
}) {
  const { zone } = usePreferences();
  const now = useNow(EVERY_MS);
  const start = mondayOf(now, zone, weeks);
  const end = mondayOf(start, zone, WEEKS_SHOWN);
  const query = useApi<OnCallShifts>(
    `on-call/${encodeURIComponent(schedule.name)}/shifts`,
    { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
    { everyMs: EVERY_MS },
  );
  const shown = useMemo(() => weeksOf(query.data?.shifts ?? [], start, WEEKS_SHOWN, zone), [query.data, start, zone]);
  const nobody = uncovered(query.data?.shifts ?? [], now);
  return (
    <>
      <div className="spread" style={{ margin: "8px 0" }}>
        <span className="row">
          <Button
            size="compact-xs"
            variant="default"
            aria-label="Four weeks before"
            onClick={() => onWeeks(weeks - WEEKS_SHOWN)}
          >
            <IconChevronLeft size={14} aria-hidden />
          </Button>
          <Button size="compact-xs" variant="default" disabled={weeks === 0} onClick={() => onWeeks(0)}>
            This week
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            aria-label="Four weeks on"
            onClick={() => onWeeks(weeks + WEEKS_SHOWN)}
          >
            <IconChevronRight size={14} aria-hidden />
          </Button>
          <strong>
            {formatDay(start, zone)} – {formatDay(end - 1, zone)}
          </strong>
        </span>
        <span className="small soft">
          Times in {zoneName(zone, new Date(start))}; it is kept in {schedule.zone}
        </span>
      </div>
      <Loaded query={query} what="the shifts">
        {() => (
          <>
            {nobody > 0 && (
              <Notice tone="warning">
                Nobody is on duty for {formatMillis(nobody)} of the time to come shown here.
              </Notice>
            )}
            <div className={classes.legend}>
              {schedule.people.map((id) => (
                <PersonMark key={id} id={id} people={people} colors={colors} />
              ))}
            </div>
            <div className={classes.names} aria-hidden>
              <span />
              <div>
                {DAYS.map((day) => (
                  <span key={day}>{day}</span>
                ))}
              </div>
            </div>
            {shown.map((week) => (
              <WeekLine
                key={week.days[0]}
                week={week}
                now={now}
                colorOf={(id) => (id === null ? "var(--bad-line)" : colors(id))}
                name={(id) => (id === null ? "nobody" : nameOf(id, people))}
                onShift={onShift}
              />
            ))}
          </>
        )}
      </Loaded>
    </>
  );
}

function WeekLine({
  week,
  now,
  colorOf,
  name,
  onShift,
}: {
  week: Week;
  now: number;
  colorOf: (id: string | null) => string;
  name: (id: string | null) => string;
  onShift?: (draft: OverrideDraft) => void;
}) {
  const { zone } = usePreferences();
  const place = placeIn(week, now);
  const days = week.days.slice(0, 7);
  const told = (one: Segment) =>
    `${name(one.person)}, ${formatShort(one.start, zone)} – ${formatShort(one.end, zone)}${one.by ? `, ${one.by}` : ""}`;
  return (
    <div className={classes.week} role="group" aria-label={`Week of ${formatDay(days[0], zone)}`}>
      <span className={classes.label} aria-hidden>
        {formatDay(days[0], zone)}
      </span>
      <div className={classes.lane}>
        <div className={classes.dates} aria-hidden>
          {days.map((day, at) => (
            <span
              key={day}
              data-weekend={at > 4}
              data-today={now >= day && now < (week.days[at + 1] ?? Number.POSITIVE_INFINITY)}
            >
              {formatDay(day, zone).replace(/^\D+/, "")}
            </span>
          ))}
        </div>
        {week.segments.map((one) => (
          <button
            key={one.key}
            type="button"
            className={classes.segment}
            title={told(one)}
            aria-label={onShift ? `${told(one)}: add an override` : told(one)}
            aria-disabled={!onShift}
            data-nobody={one.person === null}
            data-override={one.by === "override"}
            style={
              {
                left: `${one.from * 100}%`,
                width: `calc(${(one.to - one.from) * 100}% - 1px)`,
                "--person": colorOf(one.person),
              } as React.CSSProperties
            }
            onClick={() => onShift?.({ start: one.start, end: one.end })}
          >
            {one.to - one.from < NARROW ? name(one.person).split(" ")[0] : name(one.person)}
          </button>
        ))}
        {place !== null && <i className={classes.now} style={{ left: `${place * 100}%` }} title="now" aria-hidden />}
      </div>
    </div>
  );
}
