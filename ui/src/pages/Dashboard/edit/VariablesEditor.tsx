import { ActionIcon, Button } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { BoardVariable, Dashboard } from "@/api/types";
import { PageFrame } from "@/components/PageFrame";
import { Empty } from "@/components/State";
import { plural } from "@/lib/format";
import { shifted } from "@/model/board/editing";
import { nameProblem, newVariable, summaryOf, usesOf, withVariables } from "@/model/board/variableEdits";
import type { DashboardSearch } from "../url";
import { useVariables } from "../useVariables";
import { Asking } from "./Asking";
import classes from "./Edit.module.css";
import { Leaving } from "./Leaving";
import { VariableForm } from "./VariableForm";
import { VariablePreview } from "./VariablePreview";
import { KIND_NAMES } from "./variableControls";

/** So long after the last keystroke a preview asks. */
const PAUSE_MS = 400;

/** A variable as it is edited; `before` is its name on the board, null for a new one. */
interface Entry {
  key: number;
  before: string | null;
  variable: BoardVariable;
}

/** A board's variables, and what each of them comes to while it is changed. Nothing reaches the board until it is applied. */
export function VariablesEditor(props: {
  dashboard: Dashboard;
  search: DashboardSearch;
  startMs: number;
  endMs: number;
  onApply: (board: Dashboard) => void;
  onClose: () => void;
}) {
  const { dashboard, search, startMs, endMs, onApply, onClose } = props;
  const [first] = useState(() =>
    (dashboard.variables ?? []).map((variable, key): Entry => ({ key, before: variable.name, variable })),
  );
  const [entries, setEntries] = useState<readonly Entry[]>(first);
  const [chosenKey, setChosenKey] = useState<number | undefined>(first[0]?.key);
  const [removing, setRemoving] = useState<Entry | null>(null);
  const decided = useRef(false);
  const spare = useRef(first.length);
  const variables = entries.map(({ variable }) => variable);
  const [waiting] = useDebouncedValue(entries, PAUSE_MS);
  const choices = useVariables(
    `${dashboard.uid} as edited`,
    waiting.map(({ variable }) => variable),
    search,
    startMs,
    endMs,
  );
  const at = entries.findIndex(({ key }) => key === chosenKey);
  const chosen = entries[at];
  const dirty = entries !== first;
  const othersOf = (entry: Entry) => entries.flatMap((one) => (one === entry ? [] : [one.variable.name]));
  const wrong = entries.some((one) => nameProblem(one.variable.name, othersOf(one)) !== null);

  const leave = (act: () => void) => {
    decided.current = true;
    act();
  };
  const apply = () => {
    if (wrong) return;
    const names = new Map(
      entries.flatMap(({ before, variable: { name } }) => (before && before !== name ? [[before, name] as const] : [])),
    );
    leave(() => (dirty ? onApply(withVariables(dashboard, variables, names)) : onClose()));
  };
  useHotkeys([["mod+S", apply]], []);
  const add = () => {
    const key = spare.current++;
    setEntries([...entries, { key, before: null, variable: newVariable(variables.map(({ name }) => name)) }]);
    setChosenKey(key);
  };
  const remove = (entry: Entry) => {
    const place = entries.indexOf(entry);
    const rest = entries.filter((one) => one !== entry);
    setEntries(rest);
    if (entry.key === chosenKey) setChosenKey((rest[place] ?? rest.at(-1))?.key);
    setRemoving(null);
  };
  const usesOfEntry = ({ before }: Entry) => (before ? usesOf(dashboard, before) : []);
  return (
    <PageFrame
      title={`Variables of ${dashboard.title}`}
      actions={
        <>
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
            Add variable
          </Button>
          <Button variant="default" onClick={() => leave(onClose)}>
            Discard
          </Button>
          <Button onClick={apply} disabled={wrong} title="Ctrl-S">
            Apply
          </Button>
        </>
      }
    >
      <Leaving
        what="What you changed of the variables"
        unsaved={() => dirty && !decided.current}
        leaves={(from, to) =>
          from.pathname !== to.pathname || (to.search as DashboardSearch).edit !== (from.search as DashboardSearch).edit
        }
      />
      {removing && (
        <Asking
          title={`Remove $${removing.variable.name}?`}
          acts={[["Remove variable", () => remove(removing)]]}
          onClose={() => setRemoving(null)}
        >
          {used(usesOfEntry(removing))} will ask with the name as it is written.
        </Asking>
      )}
      {entries.length === 0 ? (
        <Empty title="No variables yet" action={<Button onClick={add}>Add variable</Button>}>
          What people choose at the top of the board; queries and titles speak of it as $name.
        </Empty>
      ) : (
        <div className={classes.variables}>
          <ol className={classes.variableList} aria-label="Variables">
            {entries.map((entry, place) => (
              <li key={entry.key} data-current={entry === chosen}>
                <button
                  type="button"
                  className={classes.variableName}
                  aria-current={entry === chosen}
                  onClick={() => setChosenKey(entry.key)}
                >
                  <b className="truncate">${entry.variable.name}</b>
                  <span className="small soft truncate" title={summaryOf(entry.variable)}>
                    {KIND_NAMES[entry.variable.kind]}
                    {summaryOf(entry.variable) && ` · ${summaryOf(entry.variable)}`}
                  </span>
                </button>
                <span className={classes.tools}>
                  <Tool
                    label={`Move ${entry.variable.name} up`}
                    icon={IconArrowUp}
                    off={place === 0}
                    onClick={() => setEntries(shifted(entries, place, -1))}
                  />
                  <Tool
                    label={`Move ${entry.variable.name} down`}
                    icon={IconArrowDown}
                    off={place === entries.length - 1}
                    onClick={() => setEntries(shifted(entries, place, 1))}
                  />
                  <Tool
                    label={`Remove ${entry.variable.name}`}
                    icon={IconTrash}
                    onClick={() => (usesOfEntry(entry).length > 0 ? setRemoving(entry) : remove(entry))}
                  />
                </span>
              </li>
            ))}
          </ol>
          {chosen && (
            <div className={classes.variable} role="region" aria-label={`Variable ${chosen.variable.name}`}>
              <VariableForm
                key={chosen.key}
                variable={chosen.variable}
                fresh={chosen.before === null}
                others={othersOf(chosen)}
                options={choices.data?.choices[at]?.options ?? []}
                onChange={(variable) => setEntries(entries.map((one) => (one === chosen ? { ...one, variable } : one)))}
              />
              <VariablePreview
                variable={chosen.variable}
                later={variables.slice(at + 1)}
                choice={choices.data?.choices.find(({ variable: { name } }) => name === chosen.variable.name)}
                variables={choices.data?.variables ?? {}}
                stale={waiting !== entries || choices.isPlaceholderData}
              />
              {usesOfEntry(chosen).length > 0 && <p className="small soft">Used by {used(usesOfEntry(chosen))}.</p>}
            </div>
          )}
        </div>
      )}
    </PageFrame>
  );
}

const NAMED_MAX = 5;

function used(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return names.slice(0, NAMED_MAX).join(", ") + (more > 0 ? ` and ${plural(more, "more", "more")}` : "");
}

function Tool(props: { label: string; icon: typeof IconPlus; off?: boolean; onClick: () => void }) {
  const { label, icon: Icon, off = false, onClick } = props;
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} disabled={off} onClick={onClick}>
      <Icon size={15} />
    </ActionIcon>
  );
}
