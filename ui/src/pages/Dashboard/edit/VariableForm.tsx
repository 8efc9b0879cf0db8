import { Autocomplete, Input, MultiSelect, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { usePrometheus } from "@/api/prometheus";
import type { BoardOption, BoardVariable } from "@/api/types";
import { filterOf } from "@/model/board/adhoc";
import { withValue } from "@/model/board/editing";
import { nameProblem, ofKind, optionsIn, optionsText, type VariableKind } from "@/model/board/variableEdits";
import { ALL, AUTO as FOLLOWS } from "@/model/board/variables";
import { PromEditor } from "@/pages/Metrics/PromEditor";
import { Filters } from "../Filters";
import { Controls } from "./Controls";
import classes from "./Edit.module.css";
import { ASKED, AUTO, AUTO_PARTS, FOR_ALL, FOUND, KIND_NAMES, SEEN, SEVERAL, SOURCE } from "./variableControls";

const KINDS = Object.entries(KIND_NAMES).map(([value, label]) => ({ value, label }));

/** One variable's fields; `options` is what it comes to now. */
export function VariableForm(props: {
  variable: BoardVariable;
  /** New: its name is what one writes first. */
  fresh: boolean;
  others: readonly string[];
  options: readonly BoardOption[];
  onChange: (variable: BoardVariable) => void;
}) {
  const { variable, onChange } = props;
  const { kind } = variable;
  const text = (path: "label" | "description", label: string) => (
    <TextInput
      label={label}
      maxLength={500}
      value={variable[path] ?? ""}
      onChange={(event) => onChange(withValue(variable, path, event.currentTarget.value || undefined))}
    />
  );
  return (
    <>
      <div className={classes.fields}>
        <TextInput
          label="Name"
          autoFocus={props.fresh}
          maxLength={101}
          error={nameProblem(variable.name, props.others)}
          value={variable.name}
          onChange={(event) => onChange({ ...variable, name: event.currentTarget.value.trim() })}
        />
        <Select
          label="Kind"
          data={KINDS}
          allowDeselect={false}
          value={kind}
          onChange={(to) => to && to !== kind && onChange(ofKind(variable, to as VariableKind))}
        />
        {text("label", "Label")}
        <Controls of={variable} controls={[SEEN]} onChange={onChange} />
      </div>
      {text("description", "Description")}
      <Own {...props} />
      {(kind === "query" || kind === "custom") && (
        <div className={classes.fields}>
          <Controls of={variable} controls={SEVERAL} onChange={onChange} />
        </div>
      )}
      {(kind === "query" || kind === "custom") && (
        <div className={classes.fields}>
          <AtFirst {...props} />
          {variable.all && <Controls of={variable} controls={[FOR_ALL]} onChange={onChange} />}
        </div>
      )}
      {kind === "interval" && <AtFirst {...props} />}
    </>
  );
}

type Parts = { variable: BoardVariable; onChange: (variable: BoardVariable) => void };

/** What a kind alone has. */
function Own({ variable, onChange }: Parts) {
  switch (variable.kind) {
    case "query":
      return <Asked variable={variable} onChange={onChange} />;
    case "custom":
      return <Options label="Values, one a line" hint="prod, or: Production : prod" {...{ variable, onChange }} />;
    case "interval":
      return (
        <>
          <Options label="Durations, one a line" hint="5m" {...{ variable, onChange }} />
          <div className={classes.fields}>
            <Controls of={variable} controls={AUTO} onChange={onChange} />
            {variable.auto && <Controls of={variable} controls={AUTO_PARTS} onChange={onChange} />}
          </div>
        </>
      );
    case "datasource":
      return <Controls of={variable} controls={[SOURCE]} onChange={onChange} />;
    case "adhoc":
      return (
        <Filters
          label="At first"
          filters={variable.filters ?? []}
          onChange={(written) => onChange({ ...variable, filters: written.flatMap((one) => filterOf(one) ?? []) })}
        />
      );
    default:
      return (
        <TextInput
          label={variable.kind === "constant" ? "Value" : "Text at first"}
          maxLength={4000}
          value={variable.chosen?.[0] ?? ""}
          onChange={(event) =>
            onChange({ ...variable, chosen: event.currentTarget.value ? [event.currentTarget.value] : [] })
          }
        />
      );
  }
}

function Asked({ variable, onChange }: Parts) {
  const { kind = "label_values", language = "promql", label, match } = variable.query ?? {};
  const labels = usePrometheus<string[]>("labels", {}, { enabled: language === "promql" });
  const put = (part: "label" | "match", value: string) => onChange(withValue(variable, `query.${part}`, value || null));
  const asks = kind === "query_result" ? "Query" : "Of the series";
  return (
    <>
      <div className={classes.fields}>
        <Controls of={variable} controls={ASKED} onChange={onChange} />
        {kind === "label_values" && (
          <Autocomplete
            size="xs"
            label="Label"
            data={language === "promql" ? (labels.data?.data ?? []) : []}
            limit={50}
            value={label ?? ""}
            onChange={(value) => put("label", value)}
          />
        )}
      </div>
      {kind === "label_names" || kind === "metrics" ? (
        <TextInput
          label="Names that fit"
          placeholder="http_.*"
          styles={{ input: { fontFamily: "var(--mono)" } }}
          value={match ?? ""}
          onChange={(event) => put("match", event.currentTarget.value)}
        />
      ) : language === "promql" ? (
        <Input.Wrapper label={asks} labelElement="div" size="xs">
          <PromEditor
            key={kind}
            value={match ?? ""}
            label={asks}
            hint={kind === "query_result" ? "topk(5, up)" : "up"}
            onChange={(text) => text !== (match ?? "") && put("match", text)}
            onRun={() => undefined}
          />
        </Input.Wrapper>
      ) : (
        <TextInput
          label={asks}
          placeholder='{service_name="api"}'
          styles={{ input: { fontFamily: "var(--mono)" } }}
          value={match ?? ""}
          onChange={(event) => put("match", event.currentTarget.value)}
        />
      )}
      <div className={classes.fields}>
        <Controls of={variable} controls={FOUND} onChange={onChange} />
      </div>
    </>
  );
}

/** What is typed stays as it is typed; lines without a value are no options. */
function Options({ variable, onChange, label, hint }: Parts & { label: string; hint: string }) {
  const [text, setText] = useState(optionsText(variable.options ?? []));
  return (
    <Textarea
      size="xs"
      label={label}
      placeholder={hint}
      autosize
      minRows={3}
      maxRows={12}
      spellCheck={false}
      styles={{ input: { fontFamily: "var(--mono)" } }}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange({ ...variable, options: optionsIn(event.currentTarget.value) });
      }}
    />
  );
}

/** What is chosen when the board opens. */
function AtFirst({ variable, options, onChange }: Parts & { options: readonly BoardOption[] }) {
  const chosen = variable.chosen ?? [];
  const data = [
    ...(variable.all ? [{ value: ALL, label: "All" }] : []),
    ...(variable.auto ? [{ value: FOLLOWS, label: "auto" }] : []),
    ...options.map(({ value, text }) => ({ value, label: text })),
  ];
  for (const value of chosen) if (!data.some((one) => one.value === value)) data.push({ value, label: value });
  const shared = { size: "xs", label: "Chosen at first", data, limit: 200, searchable: true, clearable: true } as const;
  return variable.multi ? (
    <MultiSelect {...shared} value={chosen} onChange={(values) => onChange({ ...variable, chosen: values })} />
  ) : (
    <Select
      {...shared}
      placeholder="the first one"
      value={chosen[0] ?? null}
      onChange={(value) => onChange({ ...variable, chosen: value === null ? [] : [value] })}
    />
  );
}
