import { Select, TextInput } from "@mantine/core";
import { useScopedApi } from "@/api/queries";
import type { EventNames, NamedCount } from "@/api/types";
import { formatCount } from "@/lib/format";
import { readRef, writeRef } from "@/model/analytics";
import classes from "./Analytics.module.css";

const STALE_MS = 30_000;

export function useEventNames() {
  return useScopedApi<EventNames>("analytics/names", {}, { staleMs: STALE_MS });
}

/** An event by its name: those that came in the range, the most frequent first; and a search that narrows it. */
export function EventPicker({
  label,
  value,
  onChange,
  any,
}: {
  label: string;
  /** As `model/analytics` writes it; empty: none chosen. */
  value: string;
  onChange: (value: string) => void;
  /** What no choice means, where it means something. */
  any?: string;
}) {
  const names = useEventNames();
  const ref = readRef(value);
  const chosen = writeRef({ ...ref, query: "" });
  const events = options(names.data?.events ?? [], "events");
  const logs = options(names.data?.logs ?? [], "logs");
  const known = [...events, ...logs].some((one) => one.value === chosen);
  // What is asked about is named though none of it came.
  const own = !known && ref.event ? [{ value: chosen, label: ref.event }] : [];
  return (
    <div className={classes.picker}>
      <Select
        aria-label={label}
        placeholder={any ?? label}
        searchable
        clearable={any !== undefined && value !== ""}
        clearButtonProps={{ "aria-label": `Clear ${label}` }}
        nothingFoundMessage="No event of this name came in this time range"
        maxDropdownHeight={320}
        data={[
          ...(events.length + own.length > 0 ? [{ group: "Product events", items: [...own, ...events] }] : []),
          ...(logs.length > 0 ? [{ group: "Events of log records", items: logs }] : []),
        ]}
        value={ref.event ? chosen : null}
        onChange={(next) => onChange(next === null ? "" : writeRef({ ...readRef(next), query: ref.query }))}
      />
      {ref.event && (
        <QueryField
          key={value}
          label={`Narrow ${label}`}
          value={ref.query}
          onChange={(query) => onChange(writeRef({ ...ref, query }))}
        />
      )}
    </div>
  );
}

/** A search that is asked with Enter, or when one leaves it. */
export function QueryField({
  label,
  value,
  onChange,
  placeholder = "only where, as plan:pro",
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
}) {
  const take = (text: string) => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      defaultValue={value}
      spellCheck={false}
      autoComplete="off"
      onBlur={(event) => take(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") take(event.currentTarget.value);
      }}
    />
  );
}

function options(names: readonly NamedCount[], source: "events" | "logs") {
  return names.map((one) => ({
    value: writeRef({ source, event: one.name, query: "" }),
    label: `${one.name} (${formatCount(one.count)})`,
  }));
}
