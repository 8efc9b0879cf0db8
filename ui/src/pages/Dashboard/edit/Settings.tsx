import { Select, Switch, Textarea, TextInput } from "@mantine/core";
import { type ReactNode, useRef } from "react";
import type { BoardPanel, BoardVariable } from "@/api/types";
import { withValue } from "@/model/board/editing";
import { Controls } from "./Controls";
import { DRAWING, FIELD, KINDS, type Kind, ofKind, OPTIONS, TIME } from "./controls";
import classes from "./Edit.module.css";
import { Links, Mappings, Overrides, Thresholds } from "./Lists";

const DRAWN: readonly Kind[] = ["timeseries", "barchart", "histogram"];
const OF_THE_BOARD = "none";

/** Everything of a panel but its queries. */
export function Settings({
  panel,
  variables,
  onChange,
}: {
  panel: BoardPanel;
  variables: readonly BoardVariable[];
  onChange: (panel: BoardPanel) => void;
}) {
  const { kind } = panel.options;
  // Going back to a kind brings its options back.
  const left = useRef<Partial<Record<Kind, BoardPanel["options"]>>>({});
  const toKind = (to: Kind) => {
    left.current[kind] = panel.options;
    onChange({ ...panel, options: left.current[to] ?? ofKind(panel.options, to) });
  };
  const set = (path: string, value: unknown) => onChange(withValue(panel, path, value));
  const defaults = panel.fields?.defaults ?? {};
  const kinds = KINDS.map(([value, label]) => ({ value: value as string, label }));
  if (kind === "refused") kinds.push({ value: kind, label: panel.options.type });
  const own = OPTIONS[kind] ?? [];
  const overrides = panel.fields?.overrides ?? [];
  return (
    <div className={classes.settings} role="region" aria-label="Settings" tabIndex={0}>
      <Part title="Panel" open>
        <TextInput
          label="Title"
          value={panel.title ?? ""}
          maxLength={500}
          onChange={(event) => set("title", event.currentTarget.value)}
        />
        <Textarea
          size="xs"
          label="Description"
          autosize
          minRows={1}
          maxRows={6}
          value={panel.description ?? ""}
          onChange={(event) => set("description", event.currentTarget.value)}
        />
        <Select
          label="Kind of panel"
          data={kinds}
          allowDeselect={false}
          value={kind}
          onChange={(to) => to && to !== kind && toKind(to as Kind)}
        />
        <Switch
          size="xs"
          label="Without a frame"
          checked={panel.transparent ?? false}
          onChange={(event) => set("transparent", event.currentTarget.checked)}
        />
      </Part>
      {own.length > 0 && (
        <Part title={kinds.find(({ value }) => value === kind)?.label ?? kind} open>
          <Controls of={panel.options} controls={own} onChange={(options) => onChange({ ...panel, options })} />
        </Part>
      )}
      {kind !== "text" && (
        <>
          <Part title="Values" open>
            <div className={classes.pairs}>
              <Controls of={defaults} controls={FIELD} onChange={(changed) => set("fields.defaults", changed)} />
            </div>
          </Part>
          {DRAWN.includes(kind) && (
            <Part title="Drawing">
              <div className={classes.pairs}>
                <Controls of={defaults} controls={DRAWING} onChange={(changed) => set("fields.defaults", changed)} />
              </div>
            </Part>
          )}
          <Part title="Thresholds" count={defaults.thresholds?.steps.length}>
            <Thresholds
              value={defaults.thresholds ?? null}
              onChange={(value) => set("fields.defaults.thresholds", value)}
            />
          </Part>
          <Part title="Value mappings" count={defaults.mappings?.length}>
            <Mappings value={defaults.mappings ?? []} onChange={(value) => set("fields.defaults.mappings", value)} />
          </Part>
          <Part title="Overrides" count={overrides.length}>
            <Overrides value={overrides} onChange={(value) => set("fields.overrides", value)} />
          </Part>
        </>
      )}
      <Part title="Repeat" count={panel.repeat ? 1 : 0}>
        <Select
          label="Once for each value of"
          data={[
            { value: OF_THE_BOARD, label: "no variable" },
            ...variables.filter((one) => one.kind !== "adhoc").map(({ name }) => ({ value: name, label: `$${name}` })),
          ]}
          allowDeselect={false}
          value={panel.repeat?.variable ?? OF_THE_BOARD}
          onChange={(name) =>
            set("repeat", name === null || name === OF_THE_BOARD ? null : { ...panel.repeat, variable: name })
          }
        />
        {panel.repeat && (
          <Select
            label="Beside or below each other"
            data={[
              { value: "horizontal", label: "beside" },
              { value: "vertical", label: "below" },
            ]}
            allowDeselect={false}
            value={panel.repeat.direction ?? "horizontal"}
            onChange={(direction) => set("repeat.direction", direction)}
          />
        )}
      </Part>
      <Part title="Links" count={panel.links?.length}>
        <Links value={panel.links ?? []} onChange={(value) => set("links", value)} />
      </Part>
      <Part title="Time">
        <Controls of={panel} controls={TIME} onChange={onChange} />
      </Part>
    </div>
  );
}

function Part(props: { title: string; open?: boolean; count?: number | undefined; children: ReactNode }) {
  return (
    <details className={classes.part} open={props.open}>
      <summary>
        {props.title}
        {props.count ? <span className="soft small">{props.count}</span> : null}
      </summary>
      <div className={classes.partBody}>{props.children}</div>
    </details>
  );
}
