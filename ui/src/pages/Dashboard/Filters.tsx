import { Autocomplete, Button, CloseButton, Popover, Select } from "@mantine/core";
import { IconFilterPlus } from "@tabler/icons-react";
import { useState } from "react";
import { usePrometheus } from "@/api/prometheus";
import { type Filter, filterText, OPERATORS } from "@/model/board/adhoc";
import classes from "./Dashboard.module.css";

/** Filters of labels for every PromQL query of the board. */
export function Filters(props: { label: string; filters: readonly Filter[]; onChange: (written: string[]) => void }) {
  const { label, filters } = props;
  const [adding, setAdding] = useState(false);
  const put = (changed: readonly Filter[]) => props.onChange(changed.length > 0 ? changed.map(filterText) : [""]);
  return (
    <div className={classes.variable} role="group" aria-label={label}>
      <span>{label}</span>
      {filters.map((one, at) => (
        <span key={at} className={classes.filter}>
          <code>
            {one.key} {one.operator} {one.value}
          </code>
          <CloseButton
            size="xs"
            aria-label={`Remove the filter ${one.key} ${one.operator} ${one.value}`}
            onClick={() => put(filters.filter((other) => other !== one))}
          />
        </span>
      ))}
      <Popover opened={adding} onChange={setAdding} trapFocus position="bottom-start" withArrow={false} shadow="md">
        <Popover.Target>
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconFilterPlus size={13} />}
            onClick={() => setAdding(!adding)}
          >
            Add filter
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <One
            onAdd={(filter) => {
              setAdding(false);
              put([...filters, filter]);
            }}
          />
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

function One({ onAdd }: { onAdd: (filter: Filter) => void }) {
  const [key, setKey] = useState("");
  const [operator, setOperator] = useState<Filter["operator"]>("=");
  const [value, setValue] = useState("");
  const labels = usePrometheus<string[]>("labels", {});
  const values = usePrometheus<string[]>(
    `label/${encodeURIComponent(key)}/values`,
    {},
    {
      enabled: (labels.data?.data ?? []).includes(key),
    },
  );
  return (
    <form
      className={classes.filterForm}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (key.trim()) onAdd({ key: key.trim(), operator, value });
      }}
    >
      <Autocomplete
        size="xs"
        w={150}
        label="Label"
        data={(labels.data?.data ?? []).filter((name) => name !== "__name__")}
        limit={50}
        value={key}
        onChange={setKey}
        data-autofocus
        comboboxProps={{ withinPortal: false }}
      />
      <Select
        w={70}
        label="Is"
        data={[...OPERATORS]}
        allowDeselect={false}
        value={operator}
        onChange={(one) => one && setOperator(one as Filter["operator"])}
        comboboxProps={{ withinPortal: false }}
      />
      <Autocomplete
        size="xs"
        w={170}
        label="Value"
        data={values.data?.data ?? []}
        limit={50}
        value={value}
        onChange={setValue}
        comboboxProps={{ withinPortal: false }}
      />
      <Button type="submit" disabled={key.trim() === ""}>
        Apply filter
      </Button>
    </form>
  );
}
