import { ActionIcon, Button, NumberInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconEye, IconEyeOff, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { BoardPanel, BoardQuery } from "@/api/types";
import { freeRef, shifted, withRef } from "@/model/board/editing";
import { PromEditor } from "@/pages/Metrics/PromEditor";
import classes from "./Edit.module.css";

const LANGUAGES: readonly { value: BoardQuery["language"]; label: string }[] = [
  { value: "promql", label: "PromQL" },
  { value: "logql", label: "LogQL" },
  { value: "logs", label: "Log search" },
  { value: "traces", label: "Trace search" },
  { value: "sql", label: "SQL" },
];
const EXAMPLES: Record<BoardQuery["language"], string> = {
  promql: "",
  logql: 'sum by (level) (count_over_time({service_name="api"}[$__interval]))',
  logs: "level:error service:api",
  traces: "service:api duration:>500ms",
  sql: "SELECT service_name, count() AS spans FROM spans GROUP BY service_name",
};

/** What a panel asks, in order; what is wrong with a query stands beside it. */
export function Queries({
  panel,
  errors,
  onChange,
  onRun,
}: {
  panel: BoardPanel;
  errors: Readonly<Record<string, string>>;
  onChange: (panel: BoardPanel) => void;
  onRun: () => void;
}) {
  const queries = panel.queries ?? [];
  const put = (changed: BoardQuery[]) => onChange({ ...panel, queries: changed });
  const add = () =>
    put([...queries, { ref: freeRef(queries), language: queries.at(-1)?.language ?? "promql", text: "" }]);
  return (
    <section aria-label="Queries">
      {queries.map((query, at) => (
        <One
          key={at}
          query={query}
          first={at === 0}
          last={at === queries.length - 1}
          taken={queries.flatMap((one) => (one === query ? [] : [one.ref]))}
          error={errors[query.ref]}
          onChange={(changed) => put(queries.map((one) => (one === query ? changed : one)))}
          onRename={(ref) => onChange(withRef(panel, query.ref, ref))}
          onMove={(by) => put(shifted(queries, at, by))}
          onRemove={() => put(queries.filter((one) => one !== query))}
          onRun={onRun}
        />
      ))}
      <Button variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
        Add query
      </Button>
    </section>
  );
}

function One(props: {
  query: BoardQuery;
  first: boolean;
  last: boolean;
  taken: readonly string[];
  error: string | undefined;
  onChange: (query: BoardQuery) => void;
  onRename: (ref: string) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
  onRun: () => void;
}) {
  const { query, taken, onChange } = props;
  const named = `query ${query.ref}`;
  const series = query.language === "promql" || query.language === "logql";
  return (
    <fieldset className={classes.query} data-hidden={query.hidden}>
      <legend className="visually-hidden">Query {query.ref}</legend>
      <div className={classes.queryHead}>
        <Ref query={query} taken={taken} onRename={props.onRename} />
        <Select
          w={130}
          aria-label={`Source of ${named}`}
          data={LANGUAGES}
          allowDeselect={false}
          value={query.language}
          onChange={(language) => language && onChange({ ...query, language: language as BoardQuery["language"] })}
        />
        <span className={classes.tools}>
          <Tool
            label={`${query.hidden ? "Show" : "Hide"} ${named}`}
            icon={query.hidden ? IconEyeOff : IconEye}
            onClick={() => onChange({ ...query, hidden: !query.hidden })}
          />
          <Tool label={`Move ${named} up`} icon={IconArrowUp} off={props.first} onClick={() => props.onMove(-1)} />
          <Tool label={`Move ${named} down`} icon={IconArrowDown} off={props.last} onClick={() => props.onMove(1)} />
          <Tool label={`Remove ${named}`} icon={IconTrash} onClick={props.onRemove} />
        </span>
      </div>
      {query.language === "promql" ? (
        <PromEditor
          key={query.ref}
          value={query.text}
          label={`PromQL of ${named}`}
          onChange={(text) => text !== query.text && onChange({ ...query, text })}
          onRun={props.onRun}
        />
      ) : (
        <Textarea
          size="xs"
          aria-label={`Text of ${named}`}
          placeholder={EXAMPLES[query.language]}
          autosize
          minRows={query.language === "sql" ? 3 : 1}
          maxRows={14}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mono)" } }}
          value={query.text}
          onChange={(event) => onChange({ ...query, text: event.currentTarget.value })}
        />
      )}
      {props.error && (
        <p className={classes.error} role="alert">
          {props.error}
        </p>
      )}
      <div className={classes.queryOptions}>
        {series && <SeriesOptions query={query} onChange={onChange} />}
        {!series && (
          <NumberInput
            size="xs"
            w={110}
            label="Rows at most"
            min={1}
            max={100_000}
            value={query.limit ?? ""}
            onChange={(limit) => onChange({ ...query, limit: typeof limit === "number" ? limit : null })}
          />
        )}
      </div>
    </fieldset>
  );
}

function SeriesOptions({ query, onChange }: { query: BoardQuery; onChange: (query: BoardQuery) => void }) {
  return (
    <>
      <TextInput
        label="Legend"
        placeholder="{{job}}"
        value={query.legend ?? ""}
        onChange={(event) => onChange({ ...query, legend: event.currentTarget.value || null })}
      />
      <Select
        w={110}
        label="Asked for"
        data={[
          { value: "range", label: "the range" },
          { value: "instant", label: "its end" },
          { value: "both", label: "both" },
        ]}
        allowDeselect={false}
        value={query.mode ?? "range"}
        onChange={(mode) => mode && onChange({ ...query, mode: mode as BoardQuery["mode"] })}
      />
      <Select
        w={100}
        label="Answer as"
        data={["series", "table", "heatmap"]}
        allowDeselect={false}
        value={query.format ?? "series"}
        onChange={(format) => format && onChange({ ...query, format: format as BoardQuery["format"] })}
      />
      <TextInput
        w={90}
        label="Least step"
        placeholder="15s"
        value={query.step ?? ""}
        onChange={(event) => onChange({ ...query, step: event.currentTarget.value || null })}
      />
      {query.language === "promql" && (
        <Switch
          size="xs"
          label="Exemplars"
          checked={query.exemplars ?? false}
          onChange={(event) => onChange({ ...query, exemplars: event.currentTarget.checked })}
        />
      )}
    </>
  );
}

/** Taken over when one leaves it; a name that another query has is said, and not taken. */
function Ref(props: { query: BoardQuery; taken: readonly string[]; onRename: (ref: string) => void }) {
  const { ref } = props.query;
  const [text, setText] = useState(ref);
  const wanted = text.trim();
  const clash = props.taken.includes(wanted);
  const [shown, setShown] = useState(ref);
  if (shown !== ref) {
    setShown(ref);
    setText(ref);
  }
  const take = () => (wanted && !clash && wanted !== ref ? props.onRename(wanted) : setText(ref));
  return (
    <TextInput
      w={clash ? 150 : 64}
      aria-label={`Name of query ${ref}`}
      error={clash ? "another query has this name" : undefined}
      value={text}
      maxLength={100}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === "Enter" && take()}
    />
  );
}

function Tool(props: { label: string; icon: typeof IconEye; off?: boolean; onClick: () => void }) {
  const { label, icon: Icon, off = false, onClick } = props;
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} disabled={off} onClick={onClick}>
      <Icon size={15} />
    </ActionIcon>
  );
}
