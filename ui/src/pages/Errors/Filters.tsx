import { Button, Pill, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useApi, useScopedApi } from "@/api/queries";
import type { ErrorsOverTime, Me } from "@/api/types";
import { type FilterValue, ValueFilter } from "@/components/ValueFilter";
import classes from "./Errors.module.css";
import { type By, type ErrorsSearch, isFiltered, NOBODY, UNFILTERED } from "./url";

const TYPING_MS = 250;
const REMOVE = { "aria-label": "First seen in any release", "aria-hidden": false, tabIndex: 0 };
const SEVERITIES: readonly FilterValue[] = ["critical", "error", "warning", "info"].map((value) => ({ value }));
const PRIORITIES: readonly FilterValue[] = ["high", "medium", "low"].map((value) => ({ value }));
const STALE_MS = 30_000;

export function Filters({ search, onChange }: { search: ErrorsSearch; onChange: (part: ErrorsSearch) => void }) {
  return (
    <div className={classes.filters}>
      <Words value={search.query ?? ""} onChange={(query) => onChange({ query })} />
      <div className={classes.choices}>
        <Counted by="service" label="Service" chosen={search.service} onChange={(service) => onChange({ service })} />
        <Counted by="release" label="Release" chosen={search.release} onChange={(release) => onChange({ release })} />
        <ValueFilter
          label="Severity"
          chosen={search.severity ?? []}
          values={SEVERITIES}
          onChange={(severity) => onChange({ severity })}
        />
        <Counted
          by="category"
          label="Category"
          chosen={search.category}
          onChange={(category) => onChange({ category })}
        />
        <ValueFilter
          label="Priority"
          chosen={search.priority ?? []}
          values={PRIORITIES}
          onChange={(priority) => onChange({ priority })}
        />
        <Assignee value={search.assignee} onChange={(assignee) => onChange({ assignee })} />
        <Select
          w={150}
          aria-label="Handled"
          placeholder="Handled or not"
          clearable
          clearButtonProps={{ "aria-label": "Handled or not" }}
          value={search.handled ?? null}
          onChange={(value) => onChange({ handled: value === "yes" || value === "no" ? value : undefined })}
          data={[
            { value: "yes", label: "Handled" },
            { value: "no", label: "Unhandled" },
          ]}
        />
        {search.first && (
          <Pill withRemoveButton onRemove={() => onChange({ first: undefined })} removeButtonProps={REMOVE}>
            First seen in {search.first}
          </Pill>
        )}
        {isFiltered(search) && (
          <Button variant="subtle" onClick={() => onChange(UNFILTERED)}>
            Clear the filters
          </Button>
        )}
      </div>
    </div>
  );
}

/** Asks a moment after the last letter. */
function Words({ value, onChange }: { value: string; onChange: (value: string | undefined) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const ask = useDebouncedCallback((next: string) => onChange(next.trim() || undefined), TYPING_MS);
  return (
    <TextInput
      data-search
      className={classes.words}
      aria-label="Search issues"
      placeholder="Title, message, place, service"
      leftSection={<IconSearch size={14} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
    />
  );
}

/** The commonest values, counted when it is opened. */
function Counted(props: {
  by: By;
  label: string;
  chosen: readonly string[] | undefined;
  onChange: (chosen: string[] | undefined) => void;
}) {
  const [wanted, setWanted] = useState(false);
  const found = useScopedApi<ErrorsOverTime>(
    "errors/over-time",
    { by: props.by },
    { enabled: wanted, staleMs: STALE_MS },
  );
  const values = Object.entries(found.data?.series ?? {})
    .map(([value, points]) => ({ value, count: points.reduce((sum, one) => sum + one, 0) }))
    .filter((one) => one.value !== "")
    .sort((a, b) => b.count - a.count);
  return (
    <ValueFilter
      typed
      label={props.label}
      chosen={props.chosen ?? []}
      values={values}
      onChange={props.onChange}
      onOpen={() => setWanted(true)}
    />
  );
}

function Assignee({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  const mine = me.data?.email;
  const data = [
    ...(mine ? [{ value: mine, label: "Mine" }] : []),
    { value: NOBODY, label: "Nobody’s" },
    ...(value && value !== mine && value !== NOBODY ? [{ value, label: value }] : []),
  ];
  return (
    <Select
      w={128}
      aria-label="Assignee"
      placeholder="Anybody’s"
      clearable
      clearButtonProps={{ "aria-label": "Anybody’s" }}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      data={data}
    />
  );
}
