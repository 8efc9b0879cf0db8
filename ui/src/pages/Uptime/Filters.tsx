import { SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { formatCount } from "@/lib/format";
import classes from "./Uptime.module.css";

const ALL = "all";

/** Which states are shown, with how many there are of each, and the words that narrow the list. */
export function Filters<K extends string>({
  what,
  hint,
  states,
  counts,
  total,
  state,
  filter,
  onState,
  onFilter,
}: {
  what: string;
  hint: string;
  states: readonly { value: K; label: string }[];
  counts: Record<K, number>;
  total: number;
  state: K | undefined;
  filter: string;
  onState: (state: K | undefined) => void;
  onFilter: (filter: string | undefined) => void;
}) {
  return (
    <div className={classes.bar}>
      <SegmentedControl
        size="xs"
        aria-label="State"
        style={{ maxWidth: "100%", overflowX: "auto" }}
        value={state ?? ALL}
        onChange={(value) => onState(states.find((one) => one.value === value)?.value)}
        data={[
          { value: ALL, label: `All ${formatCount(total)}` },
          ...states.map(({ value, label }) => ({ value, label: `${label} ${formatCount(counts[value])}` })),
        ]}
      />
      <TextInput
        data-search
        className={classes.filter}
        aria-label={`Filter ${what}`}
        placeholder={hint}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filter}
        onChange={(event) => onFilter(event.currentTarget.value || undefined)}
      />
    </div>
  );
}
