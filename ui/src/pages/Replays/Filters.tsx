import { Checkbox, Select, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import classes from "./Replays.module.css";
import type { ReplaysSearch } from "./url";

const LENGTHS = [
  { value: "0", label: "Any length" },
  { value: "10", label: "10 s and longer" },
  { value: "60", label: "1 min and longer" },
  { value: "300", label: "5 min and longer" },
];

export function Filters({ search, onChange }: { search: ReplaysSearch; onChange: (part: ReplaysSearch) => void }) {
  return (
    <div className={classes.filters}>
      <Field
        label="User"
        hint="User: id, address or name"
        value={search.user ?? ""}
        onDone={(user) => onChange({ user: user || undefined })}
      />
      <Field
        label="Address has"
        hint="Address has …"
        value={search.url ?? ""}
        onDone={(url) => onChange({ url: url || undefined })}
      />
      <Select
        w={150}
        aria-label="Length"
        allowDeselect={false}
        value={String(search.min ?? 0)}
        onChange={(value) => onChange({ min: Number(value) || undefined })}
        data={LENGTHS}
      />
      <Checkbox
        size="xs"
        label="With errors"
        checked={search.errors !== undefined}
        onChange={(event) => onChange({ errors: event.currentTarget.checked ? "1" : undefined })}
      />
      <Checkbox
        size="xs"
        label="With dead or rage clicks"
        checked={search.rage !== undefined}
        onChange={(event) => onChange({ rage: event.currentTarget.checked ? "1" : undefined })}
      />
    </div>
  );
}

/** Asks when it is left or Enter is pressed, and not at each letter. */
function Field(props: { label: string; hint: string; value: string; onDone: (value: string) => void }) {
  const [text, setText] = useState(props.value);
  useEffect(() => setText(props.value), [props.value]);
  const done = () => text.trim() !== props.value && props.onDone(text.trim());
  return (
    <TextInput
      data-search
      w={200}
      aria-label={props.label}
      placeholder={props.hint}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => event.key === "Enter" && done()}
    />
  );
}
