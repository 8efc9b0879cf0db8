import { ActionIcon, Autocomplete, Button, Select } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import type { FunnelResult } from "@/api/types";
import { Empty, Loaded, LookFurther } from "@/components/State";
import { moved, readRef, WINDOW_DEFAULT, WINDOWS } from "@/model/analytics";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Analytics.module.css";
import { EventPicker, useEventNames } from "./EventPicker";
import { FunnelChart, FunnelGroups } from "./FunnelChart";
import { NoEvents } from "./NoEvents";
import { Behind } from "./People";
import { PropertyPicker } from "./PropertyPicker";
import { Saved } from "./Saved";
import { ANSWERED, type AnalyticsSearch } from "./url";
import { type FunnelPlace, readPlace, useFunnel, useFunnelPeople, useFunnelResult } from "./useFunnel";

const STEPS_MAX = 10;

/** Ordered steps: how many took each, how long it took them, and who left. */
export function Funnels() {
  const {
    step: steps = [],
    unit = "person",
    window = WINDOW_DEFAULT,
    by = "",
  } = useSearch({
    strict: false,
  }) as AnalyticsSearch;
  const change = useSearchChange<AnalyticsSearch>();
  const names = useEventNames();
  const none = names.data !== undefined && names.data.events.length + names.data.logs.length === 0;
  const put = (next: string[]) => change({ step: next.filter(Boolean), ...ANSWERED });
  if (none && steps.length === 0) return <NoEvents />;
  const slots = steps.length < STEPS_MAX ? [...steps, ""] : steps;
  const windows = WINDOWS.some((one) => one.seconds === window)
    ? WINDOWS
    : [...WINDOWS, { seconds: window, label: `${window} s` }];
  return (
    <>
      <Saved />
      <div className={classes.builder}>
        <ol className={classes.steps} aria-label="Steps">
          {slots.map((text, at) => (
            <li key={`${at} ${text}`}>
              <span className={classes.number} aria-hidden>
                {at + 1}
              </span>
              <EventPicker
                label={text ? `Step ${at + 1}` : "Add a step"}
                value={text}
                onChange={(next) => put(slots.map((one, place) => (place === at ? next : one)))}
              />
              {text && (
                <span className={classes.tools}>
                  <Tool
                    label={`Move step ${at + 1} up`}
                    disabled={at === 0}
                    onClick={() => put(moved(steps, at, -1))}
                    icon={IconArrowUp}
                  />
                  <Tool
                    label={`Move step ${at + 1} down`}
                    disabled={at === steps.length - 1}
                    onClick={() => put(moved(steps, at, 1))}
                    icon={IconArrowDown}
                  />
                  <Tool
                    label={`Remove step ${at + 1}`}
                    onClick={() => put(steps.filter((_, place) => place !== at))}
                    icon={IconX}
                  />
                </span>
              )}
            </li>
          ))}
        </ol>
        <div className={classes.options}>
          <Select
            label="Within"
            allowDeselect={false}
            data={windows.map((one) => ({ value: String(one.seconds), label: one.label }))}
            value={String(window)}
            onChange={(next) =>
              change({ window: Number(next) === WINDOW_DEFAULT ? undefined : Number(next), ...ANSWERED })
            }
          />
          <UnitPicker unit={unit} onChange={(next) => change({ unit: next, ...ANSWERED })} />
          <PropertyPicker
            label="Broken down by"
            of={readRef(steps[0] ?? "")}
            value={by}
            onChange={(next) => change({ by: next || undefined, ...ANSWERED })}
          />
        </div>
      </div>
      {steps.length > 0 ? (
        <Answer />
      ) : (
        <Empty title="Choose the first step">
          A funnel counts who did one thing after another, as: visited, signed up, paid.
        </Empty>
      )}
    </>
  );
}

function Tool({
  label,
  icon: Icon,
  onClick,
  disabled = false,
}: {
  label: string;
  icon: typeof IconX;
  onClick: () => void;
  disabled?: boolean;
}) {
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} disabled={disabled} onClick={onClick}>
      <Icon size={14} />
    </ActionIcon>
  );
}

/** Whose steps are counted: a person's, a session's, or those with the same value of any property. */
export function UnitPicker({ unit, onChange }: { unit: string; onChange: (unit: string | undefined) => void }) {
  const take = (text: string) => onChange(text.trim() === "person" || !text.trim() ? undefined : text.trim());
  return (
    <Autocomplete
      key={unit}
      size="xs"
      label="Counted by"
      data={["person", "session"]}
      defaultValue={unit}
      onOptionSubmit={take}
      onBlur={(event) => {
        if (event.currentTarget.value.trim() !== unit) take(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") take(event.currentTarget.value);
      }}
    />
  );
}

function Answer() {
  const funnel = useFunnel();
  const { behind, value } = useSearch({ strict: false }) as AnalyticsSearch;
  const query = useFunnelResult(funnel);
  const change = useSearchChange<AnalyticsSearch>();
  const place = readPlace(behind, funnel.steps.length);
  const open = (next: FunnelPlace) =>
    change({ behind: `${next.outcome}-${next.step}`, value: next.value, person: undefined });
  return (
    <Loaded
      query={query}
      what="the funnel"
      empty={(data) =>
        data.steps[0]?.count === 0 && (
          <Empty
            title="Nobody took the first step in this time range"
            action={
              <span className="row">
                <LookFurther />
                <Button variant="default" onClick={() => change({ step: undefined, ...ANSWERED })}>
                  Clear the steps
                </Button>
              </span>
            }
          >
            Choose a longer range or other environments, or another first step.
          </Empty>
        )
      }
    >
      {(data: FunnelResult) => (
        <>
          <FunnelChart result={data} place={place} onOpen={open} />
          {data.groups.length > 0 && <FunnelGroups result={data} by={funnel.breakdown ?? ""} onOpen={open} />}
          {place && <FunnelBehind key={`${behind} ${value}`} place={{ ...place, value }} />}
        </>
      )}
    </Loaded>
  );
}

function FunnelBehind({ place }: { place: FunnelPlace }) {
  const funnel = useFunnel();
  const query = useFunnelPeople(funnel, place);
  const name = funnel.steps[place.step - 1]?.event ?? "";
  const what = place.outcome === "took" ? `took “${name}”` : `left before “${name}”`;
  return <Behind query={query} title={place.value === undefined ? what : `${what}, ${place.value || "not said"}`} />;
}
