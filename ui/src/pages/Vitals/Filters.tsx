import { Select } from "@mantine/core";
import type { VitalsReport } from "@/api/types";
import { FILTERS, type Filter } from "@/model/vitals";
import type { VitalsSearch } from "./url";

const LABELS: Record<Filter, string> = { service: "Service", device: "Device", browser: "Browser", release: "Release" };

/** What the figures are narrowed to; kept in the URL. */
export function Filters({
  choices,
  search,
  onChange,
}: {
  choices: VitalsReport["choices"];
  search: VitalsSearch;
  onChange: (part: VitalsSearch) => void;
}) {
  return (
    <>
      {FILTERS.map((name) => {
        const chosen = search[name] ?? null;
        const offered = (choices[name] ?? []).map((one) => one.value);
        const values = chosen !== null && !offered.includes(chosen) ? [chosen, ...offered] : offered;
        return (
          <Select
            key={name}
            w={140}
            clearable
            searchable
            aria-label={LABELS[name]}
            placeholder={`Any ${LABELS[name].toLowerCase()}`}
            value={chosen}
            data={values}
            onChange={(value) => onChange({ [name]: value ?? undefined })}
          />
        );
      })}
    </>
  );
}
