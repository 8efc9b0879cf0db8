import { MultiSelect, NumberInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { valueAt, withValue } from "@/model/board/editing";
import type { Control } from "./controls";

/** Fields for parts of a value; an emptied one goes back to its default. */
export function Controls<T extends object>({
  of,
  controls,
  onChange,
}: {
  of: T;
  controls: readonly Control[];
  onChange: (changed: T) => void;
}) {
  return controls.map((control) => (
    <One
      key={control.path}
      control={control}
      value={valueAt(of, control.path) ?? control.fallback}
      onChange={(value) => onChange(withValue(of, control.path, value))}
    />
  ));
}

function One({ control, value, onChange }: { control: Control; value: unknown; onChange: (value: unknown) => void }) {
  const { label } = control;
  switch (control.as) {
    case "switch":
      return (
        <Switch
          size="xs"
          label={label}
          checked={Boolean(value)}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice": {
      const data = control.choices.map(([one, text]) => ({ value: one, label: text }));
      // What the board came with, and this list does not have, stays a choice.
      if (typeof value === "string" && !data.some((one) => one.value === value)) data.push({ value, label: value });
      return (
        <Select
          label={label}
          data={data}
          allowDeselect={false}
          value={typeof value === "string" ? value : null}
          onChange={(one) => onChange(one ?? undefined)}
        />
      );
    }
    case "many": {
      const chosen = Array.isArray(value) ? (value as string[]) : [];
      const data = control.choices.map(([one, text]) => ({ value: one, label: text }));
      for (const one of chosen) if (!data.some((known) => known.value === one)) data.push({ value: one, label: one });
      return (
        <MultiSelect
          size="xs"
          label={label}
          data={data}
          value={chosen}
          onChange={(all) => onChange(all.length > 0 ? all : undefined)}
        />
      );
    }
    case "number":
      return (
        <NumberInput
          size="xs"
          label={label}
          min={control.min}
          max={control.max}
          value={typeof value === "number" ? value : ""}
          onChange={(one) => onChange(typeof one === "number" ? one : undefined)}
        />
      );
    case "text":
      return (
        <TextInput
          label={label}
          placeholder={control.placeholder}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
    case "long":
      return (
        <Textarea
          size="xs"
          label={label}
          autosize
          minRows={6}
          maxRows={20}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
