import { Button } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useApi } from "@/api/queries";
import type { OnCallAnswer, OnCallSchedule } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { LongTable } from "@/components/LongTable";
import { PageFrame, Section } from "@/components/PageFrame";
import { Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { apartColors } from "@/lib/colors";
import { useListKeys } from "@/lib/useListKeys";
import { AlertsViews } from "@/pages/Alerts/AlertsViews";
import { useMayEdit } from "@/state/role";
import { useSearchChange } from "@/state/useOpened";
import { Calendar } from "./Calendar";
import { Escalations } from "./Escalations";
import { NoSchedules } from "./NoSchedules";
import classes from "./OnCall.module.css";
import { AddOverride, type OverrideDraft, Overrides } from "./Overrides";
import { PersonMark } from "./PersonMark";
import type { OnCallSearch } from "./url";

const EVERY_MS = 30_000;
const NONE: readonly OnCallSchedule[] = [];
const COLUMNS = [
  { label: "Schedule" },
  { label: "On duty now" },
  { label: "Hands over" },
  { label: "Zone", wideOnly: true },
];

/** Who is on duty, who will be, who stands in, and who is told next when nobody answers. */
export function OnCall() {
  const { schedule: wanted, weeks = "0" } = useSearch({ strict: false }) as OnCallSearch;
  const change = useSearchChange<OnCallSearch>();
  const query = useApi<OnCallAnswer>("on-call", {}, { everyMs: EVERY_MS });
  const mayEdit = useMayEdit();
  const [draft, setDraft] = useState<OverrideDraft | null>(null);
  const schedules = query.data?.schedules ?? NONE;
  const chosen = schedules.find((one) => one.name === wanted) ?? schedules[0];
  const colors = useMemo(() => apartColors(query.data?.people.map((one) => one.id) ?? []), [query.data]);
  useListKeys({
    count: schedules.length,
    current: chosen ? schedules.indexOf(chosen) : -1,
    onMove: (at) => change({ schedule: schedules[at]?.name }, true),
    onOpen: () => document.getElementById("calendar")?.scrollIntoView({ block: "start" }),
  });
  return (
    <PageFrame title="On call" heading="Alerts">
      <AlertsViews />
      <Loaded query={query} what="the schedules" empty={(data) => data.schedules.length === 0 && <NoSchedules />}>
        {(data) => (
          <>
            <LongTable
              label="Schedules"
              what={["schedule", "schedules"]}
              items={data.schedules}
              columns={COLUMNS}
              current={-1}
              row={(one) => (
                <tr
                  key={one.name}
                  className={classes.row}
                  data-current={one.name === chosen?.name}
                  onClick={() => change({ schedule: one.name })}
                >
                  <td>
                    <button type="button" className="row-open" aria-pressed={one.name === chosen?.name}>
                      {one.name}
                    </button>
                    {one.description && <span className="small soft wide-only"> {one.description}</span>}
                  </td>
                  <td>
                    <PersonMark id={one.on_duty} people={data.people} colors={colors} />
                  </td>
                  <td>
                    {one.until ? <RelativeTime time={one.until} /> : <span className="soft">not within 8 weeks</span>}
                  </td>
                  <td className="wide-only soft">{one.zone}</td>
                </tr>
              )}
            />
            {chosen && (
              <>
                <div id="calendar">
                  <Section
                    title={`Calendar of ${chosen.name}`}
                    aside={
                      <CopyId
                        id={`${window.location.origin}/api/v1/on-call/${encodeURIComponent(chosen.name)}/calendar.ics`}
                        whole
                        label="address to subscribe to"
                      />
                    }
                  >
                    <Calendar
                      schedule={chosen}
                      people={data.people}
                      colors={colors}
                      weeks={Number(weeks)}
                      onWeeks={(next) => change({ weeks: next === 0 ? undefined : String(next) })}
                      onShift={mayEdit ? setDraft : undefined}
                    />
                    <p className="small soft">
                      Calendars subscribe to the address above; an API token is the password they are asked for.
                    </p>
                  </Section>
                </div>
                <Section
                  title="Overrides"
                  aside={
                    mayEdit && (
                      <Button size="compact-xs" variant="default" onClick={() => setDraft({})}>
                        Add override
                      </Button>
                    )
                  }
                >
                  <Overrides
                    overrides={data.overrides.filter((one) => one.schedule === chosen.name)}
                    people={data.people}
                    colors={colors}
                    mayEdit={mayEdit}
                  />
                </Section>
              </>
            )}
            <Section title="Escalations">
              <Escalations escalations={data.escalations} people={data.people} />
            </Section>
            {chosen && draft && (
              <AddOverride
                key={`${chosen.name} ${draft.start ?? ""}`}
                schedule={chosen.name}
                people={data.people}
                draft={draft}
                onClose={() => setDraft(null)}
              />
            )}
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}
