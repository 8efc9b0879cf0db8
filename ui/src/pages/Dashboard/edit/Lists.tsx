import { ActionIcon, Button, ColorSwatch, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { BoardField, BoardLink, BoardMapping, BoardOverride, BoardThresholds } from "@/api/types";
import { withValue } from "@/model/board/editing";
import { cssColor } from "@/model/board/looks";
import { Controls } from "./Controls";
import { OVERRIDES } from "./controls";
import classes from "./Edit.module.css";

/** Rows that can be added and taken away; a row's parts that have no field here stay with it. */
function Rows<T>(props: {
  rows: readonly T[];
  what: string;
  made: () => T;
  onChange: (rows: T[]) => void;
  children: (row: T, put: (changed: T) => void, at: number) => ReactNode;
  fixed?: number;
}) {
  const { rows, what, onChange, fixed = 0 } = props;
  return (
    <>
      {rows.map((row, at) => (
        <div key={at} className={classes.listRow}>
          {props.children(row, (changed) => onChange(rows.map((one, place) => (place === at ? changed : one))), at)}
          {at >= fixed && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${what} ${at + 1}`}
              onClick={() => onChange(rows.filter((_, place) => place !== at))}
            >
              <IconTrash size={15} />
            </ActionIcon>
          )}
        </div>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={12} />}
        onClick={() => onChange([...rows, props.made()])}
      >
        Add {what}
      </Button>
    </>
  );
}

function Color({ value, label, onChange }: { value: string; label: string; onChange: (color: string) => void }) {
  return (
    <TextInput
      w={112}
      aria-label={label}
      placeholder="red, #3f9fd4"
      leftSection={<ColorSwatch size={12} withShadow={false} color={cssColor(value || "transparent")} />}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

export function Thresholds(props: {
  value: BoardThresholds | null;
  onChange: (value: BoardThresholds | null) => void;
}) {
  const value = props.value ?? { mode: "absolute", steps: [] };
  const put = (steps: BoardThresholds["steps"]) => {
    const [base, ...rest] = steps;
    const sorted = rest.sort((a, b) => (a.from_value ?? 0) - (b.from_value ?? 0));
    props.onChange(base ? { ...value, steps: [{ ...base, from_value: null }, ...sorted] } : null);
  };
  const highest = Math.max(0, ...value.steps.map((step) => step.from_value ?? 0));
  return (
    <>
      <Rows
        rows={value.steps}
        what="threshold"
        fixed={value.steps.length > 1 ? 1 : 0}
        made={() => ({
          from_value: value.steps.length > 0 ? highest + 10 : null,
          color: value.steps.length > 0 ? "red" : "green",
        })}
        onChange={put}
      >
        {(step, change, at) => (
          <>
            {step.from_value === null ? (
              <span className="small soft" style={{ flex: 1 }}>
                below the first
              </span>
            ) : (
              <NumberInput
                size="xs"
                style={{ flex: 1 }}
                aria-label={`Threshold ${at + 1} from`}
                value={step.from_value}
                onChange={(from) => typeof from === "number" && change({ ...step, from_value: from })}
              />
            )}
            <Color
              label={`Colour of threshold ${at + 1}`}
              value={step.color}
              onChange={(color) => change({ ...step, color })}
            />
          </>
        )}
      </Rows>
      {value.steps.length > 0 && (
        <Switch
          size="xs"
          label="Shares of the range from min to max"
          checked={value.mode === "percentage"}
          onChange={(event) =>
            props.onChange({ ...value, mode: event.currentTarget.checked ? "percentage" : "absolute" })
          }
        />
      )}
    </>
  );
}

const MAPPED = [
  { value: "value", label: "value" },
  { value: "range", label: "range" },
  { value: "regex", label: "regex" },
  { value: "special", label: "special" },
];

export function Mappings(props: { value: readonly BoardMapping[]; onChange: (value: BoardMapping[]) => void }) {
  return (
    <Rows
      rows={props.value}
      what="mapping"
      made={(): BoardMapping => ({ kind: "value", match: "" })}
      onChange={props.onChange}
    >
      {(one, change, at) => (
        <div className={classes.wrapped}>
          <Select
            w={84}
            aria-label={`Kind of mapping ${at + 1}`}
            data={MAPPED}
            allowDeselect={false}
            value={one.kind}
            onChange={(kind) => kind && change({ ...one, kind: kind as BoardMapping["kind"] })}
          />
          {one.kind === "range" ? (
            <>
              <NumberInput
                size="xs"
                w={76}
                aria-label={`Mapping ${at + 1} from`}
                value={one.from_value ?? ""}
                onChange={(from) => change({ ...one, from_value: typeof from === "number" ? from : null })}
              />
              <NumberInput
                size="xs"
                w={76}
                aria-label={`Mapping ${at + 1} to`}
                value={one.to_value ?? ""}
                onChange={(to) => change({ ...one, to_value: typeof to === "number" ? to : null })}
              />
            </>
          ) : (
            <TextInput
              w={100}
              aria-label={`What mapping ${at + 1} is for`}
              placeholder={one.kind === "special" ? "null, nan, empty" : one.kind === "regex" ? "5.." : "0"}
              value={one.match ?? ""}
              onChange={(event) => change({ ...one, match: event.currentTarget.value })}
            />
          )}
          <TextInput
            w={100}
            aria-label={`Text of mapping ${at + 1}`}
            placeholder="shown as"
            value={one.text ?? ""}
            onChange={(event) => change({ ...one, text: event.currentTarget.value || null })}
          />
          <Color
            label={`Colour of mapping ${at + 1}`}
            value={one.color ?? ""}
            onChange={(color) => change({ ...one, color: color || null })}
          />
        </div>
      )}
    </Rows>
  );
}

const MATCHED = [
  { value: "name", label: "name" },
  { value: "regex", label: "regex" },
  { value: "query", label: "query" },
  { value: "type", label: "type" },
];

export function Overrides(props: { value: readonly BoardOverride[]; onChange: (value: BoardOverride[]) => void }) {
  return (
    <Rows
      rows={props.value}
      what="override"
      made={(): BoardOverride => ({ matcher: { by: "name", match: [""] }, field: {} })}
      onChange={props.onChange}
    >
      {(one, change, at) => (
        <div className={classes.override}>
          <div className={classes.wrapped}>
            <Select
              w={90}
              aria-label={`Override ${at + 1} by`}
              data={MATCHED.some(({ value }) => value === one.matcher.by) ? MATCHED : [...MATCHED, one.matcher.by]}
              allowDeselect={false}
              value={one.matcher.by}
              onChange={(by) => by && change({ ...one, matcher: { ...one.matcher, by: by as typeof one.matcher.by } })}
            />
            <TextInput
              style={{ flex: 1 }}
              aria-label={`What override ${at + 1} is for`}
              placeholder={one.matcher.by === "regex" ? "/5../" : "name of the field"}
              disabled={one.matcher.match.length > 1}
              value={one.matcher.match.join(", ")}
              onChange={(event) => change({ ...one, matcher: { ...one.matcher, match: [event.currentTarget.value] } })}
            />
          </div>
          <Controls
            of={one.field}
            controls={OVERRIDES}
            onChange={(field) => change({ ...one, field: withMode(field) })}
          />
        </div>
      )}
    </Rows>
  );
}

/** A colour of its own is a fixed one. */
function withMode(field: BoardField): BoardField {
  if (!field.color) return field;
  if (field.color.fixed) return { ...field, color: { ...field.color, mode: "fixed" } };
  return withValue(field, "color", undefined);
}

export function Links(props: { value: readonly BoardLink[]; onChange: (value: BoardLink[]) => void }) {
  return (
    <Rows rows={props.value} what="link" made={(): BoardLink => ({ title: "", url: "" })} onChange={props.onChange}>
      {(one, change, at) => (
        <div className={classes.wrapped}>
          <TextInput
            w={110}
            aria-label={`Title of link ${at + 1}`}
            placeholder="Title"
            value={one.title ?? ""}
            onChange={(event) => change({ ...one, title: event.currentTarget.value })}
          />
          <TextInput
            style={{ flex: 1 }}
            aria-label={`Address of link ${at + 1}`}
            placeholder="/logs?q=$service"
            value={one.url ?? ""}
            onChange={(event) => change({ ...one, url: event.currentTarget.value })}
          />
          <Switch
            size="xs"
            label="in a new tab"
            checked={one.new_tab ?? false}
            onChange={(event) => change({ ...one, new_tab: event.currentTarget.checked })}
          />
        </div>
      )}
    </Rows>
  );
}
