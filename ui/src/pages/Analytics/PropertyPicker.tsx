import { Select } from "@mantine/core";
import { useScopedApi } from "@/api/queries";
import type { PropertyNames } from "@/api/types";
import { type EventRef } from "@/model/analytics";

/** A property to break a number down by; flags stand among them. */
export function PropertyPicker({
  label,
  of,
  value,
  onChange,
}: {
  label: string;
  of: EventRef;
  value: string;
  onChange: (value: string) => void;
}) {
  const query = useScopedApi<PropertyNames>(
    "analytics/properties",
    { event: of.event, source: of.source },
    { staleMs: 30_000 },
  );
  const names = (query.data?.properties ?? []).map((one) => one.name);
  const all = value && !names.includes(value) ? [value, ...names] : names;
  return (
    <Select
      label={label}
      placeholder="nothing"
      searchable
      clearable={value !== ""}
      clearButtonProps={{ "aria-label": `Clear ${label}` }}
      nothingFoundMessage="Its events have no such property"
      data={all.map((name) => ({ value: name, label: name.startsWith("flag.") ? `flag ${name.slice(5)}` : name }))}
      value={value || null}
      onChange={(next) => onChange(next ?? "")}
    />
  );
}
