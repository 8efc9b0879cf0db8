import { MultiSelect, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { filterOf } from "@/model/board/adhoc";
import { ALL, AUTO } from "@/model/board/variables";
import classes from "./Dashboard.module.css";
import { Filters } from "./Filters";
import type { Choice } from "./useVariables";

/** Every data source is Midwatch itself. */
const NOT_CHOSEN: readonly string[] = ["constant", "datasource"];

/** What can be chosen for the whole board. */
export function VariableBar({
  choices,
  onChoose,
}: {
  choices: readonly Choice[];
  onChoose: (name: string, values: readonly string[] | undefined) => void;
}) {
  const shown = choices.filter(({ variable }) => variable.hide !== "all" && !NOT_CHOSEN.includes(variable.kind));
  if (shown.length === 0) return null;
  return (
    <div className={classes.variables} role="group" aria-label="Variables">
      {shown.map((choice) => (
        <One key={choice.variable.name} choice={choice} onChoose={(values) => onChoose(choice.variable.name, values)} />
      ))}
    </div>
  );
}

function One({ choice, onChoose }: { choice: Choice; onChoose: (values: readonly string[] | undefined) => void }) {
  const { variable, options, picked, problem } = choice;
  const label = variable.label || variable.name;
  const name = variable.hide === "label" ? "" : label;
  if (variable.kind === "textbox") return <Text label={name || label} value={picked[0] ?? ""} onChoose={onChoose} />;
  if (variable.kind === "adhoc")
    return <Filters label={label} filters={picked.flatMap((text) => filterOf(text) ?? [])} onChange={onChoose} />;
  const data = [
    ...(variable.all ? [{ value: ALL, label: "All" }] : []),
    ...(variable.auto ? [{ value: AUTO, label: "auto" }] : []),
    ...options.map(({ value, text }) => ({ value, label: text })),
  ];
  // What the address asks for stands in the field also where nothing answers to it now.
  for (const value of picked) if (!data.some((one) => one.value === value)) data.push({ value, label: value });
  return (
    <label className={classes.variable}>
      {name && <span>{name}</span>}
      {variable.multi ? (
        <MultiSelect
          size="xs"
          searchable
          aria-label={label}
          data={data}
          limit={200}
          value={[...picked]}
          maw={360}
          error={problem}
          onChange={(values) => onChoose(onlyAllOrSome(values, picked))}
        />
      ) : (
        <Select
          searchable
          allowDeselect={false}
          aria-label={label}
          data={data}
          limit={200}
          value={picked[0] ?? null}
          w={160}
          error={problem}
          onChange={(value) => onChoose(value === null ? undefined : [value])}
        />
      )}
    </label>
  );
}

/** "All" and single values take each other's place; nothing chosen is as the board has it. */
function onlyAllOrSome(values: readonly string[], before: readonly string[]): readonly string[] | undefined {
  if (values.length === 0) return undefined;
  if (values.includes(ALL) && !before.includes(ALL)) return [ALL];
  return values.filter((value) => value !== ALL);
}

function Text({ label, value, onChoose }: { label: string; value: string; onChoose: (values: string[]) => void }) {
  const [text, setText] = useState(value);
  return (
    <label className={classes.variable}>
      <span>{label}</span>
      <TextInput
        aria-label={label}
        value={text}
        w={140}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => text !== value && onChoose([text])}
        onKeyDown={(event) => event.key === "Enter" && onChoose([text])}
      />
    </label>
  );
}
