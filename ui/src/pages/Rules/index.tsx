import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { LIVE_MS, useApi } from "@/api/queries";
import type { RehearsedRule, RehearsedRules, RuleGroups } from "@/api/types";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { ListBar, StateFilter, WordFilter } from "@/components/ListBar";
import { PageFrame } from "@/components/PageFrame";
import { RowWindow } from "@/components/RowWindow";
import { Empty, InForce, Loaded, NoneOfThese, Notice } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatSeconds, plural } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import {
  RULE_VIEWS,
  ruleCounts,
  ruleHealth,
  type RuleRow,
  ruleRows,
  type RuleView,
  ownOf,
  unrehearsed,
} from "@/model/rules";
import { useSearchChange } from "@/state/useOpened";
import { AlertsViews } from "../Alerts/AlertsViews";
import classes from "./Rules.module.css";
import type { RulesSearch } from "./url";

const COLUMNS = 5;
const WORDS: Record<RuleView, string> = {
  firing: "Firing",
  pending: "Pending",
  failing: "Failing",
  unrehearsed: "Never rehearsed",
};
const NO_DRILLS: readonly RehearsedRule[] = [];
/** Drills change when somebody rehearses: they need not be asked for as often as states. */
const DRILLS_MS = 60_000;

/** All rules in force: how they are, when they were evaluated, and whether somebody rehearsed them. */
export function Rules() {
  const { which, filter = "" } = useSearch({ strict: false }) as RulesSearch;
  const change = useSearchChange<RulesSearch>();
  const navigate = useNavigate();
  const [marked, setMarked] = useState<string>();
  const query = useApi<RuleGroups>("rules", {}, { everyMs: LIVE_MS });
  const rehearsed = useApi<RehearsedRules>("drills", {}, { everyMs: DRILLS_MS });
  const drills = rehearsed.data?.rules ?? NO_DRILLS;
  const rows = useMemo(
    () => (query.data ? ruleRows(query.data.groups, drills, which, filter) : []),
    [query.data, drills, which, filter],
  );
  const ids = useMemo(() => rows.filter((row) => row.kind === "rule").map((row) => row.id), [rows]);
  const open = (id: string) => void navigate({ to: "/alerts/rules/$id", params: { id } } as never);
  useListKeys({
    count: ids.length,
    current: ids.indexOf(marked ?? ""),
    onMove: (at) => setMarked(ids[at]),
    onOpen: (at) => open(ids[at] ?? ""),
  });
  return (
    <PageFrame title="Rules" heading="Alerts">
      <AlertsViews />
      <Loaded
        query={query}
        what="the rules"
        empty={(data) =>
          data.groups.length === 0 && (
            <Empty title="No rules yet">
              Put files of Prometheus&apos;s rules into the plan&apos;s folder <code>rules</code>. <InForce />
            </Empty>
          )
        }
      >
        {(data) => {
          const counts = ruleCounts(data.groups, drills);
          return (
            <>
              {!data.evaluating && (
                <Notice>Another server evaluates the rules: how they are is not known on this one.</Notice>
              )}
              {data.behind_seconds > 60 && (
                <Notice tone="warning">
                  What queries see is {formatSeconds(data.behind_seconds)} old: rules hold their state until it catches
                  up.
                </Notice>
              )}
              <ListBar>
                <StateFilter
                  label="Which rules"
                  states={RULE_VIEWS}
                  words={WORDS}
                  counts={counts}
                  total={counts.all}
                  value={which}
                  onChange={(next) => change({ which: next })}
                />
                <WordFilter
                  what="rules"
                  hint="Name, query, group or file"
                  value={filter}
                  onChange={(words) => change({ filter: words }, true)}
                />
              </ListBar>
              {rehearsed.error && <Notice tone="warning">Cannot load drills: {rehearsed.error.message}</Notice>}
              {rows.length > 0 ? (
                <Table rows={rows} current={marked} onOpen={open} />
              ) : (
                <NoneOfThese what="rules" onAll={() => change({ which: undefined, filter: undefined })} />
              )}
            </>
          );
        }}
      </Loaded>
    </PageFrame>
  );
}

function Table(props: { rows: readonly RuleRow[]; current: string | undefined; onOpen: (id: string) => void }) {
  const { rows, current } = props;
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Rules">
      <table className={`dense ${classes.rules}`}>
        <thead>
          <tr>
            <th className={classes.state}>State</th>
            <th>Rule</th>
            <th className={`${classes.drill} wide-only`}>Rehearsed</th>
            <th className={`${classes.evaluated} wide-only`}>Evaluated</th>
            <th className={`num ${classes.took} wide-only`}>Took</th>
          </tr>
        </thead>
        <RowWindow
          count={rows.length}
          columns={COLUMNS}
          current={rows.findIndex((row) => row.id === current)}
          row={(at) => {
            const row = rows[at];
            if (row === undefined) return null;
            return row.kind === "group" ? (
              <tr key={row.id} className={classes.group}>
                <th colSpan={COLUMNS} scope="colgroup">
                  <strong>{row.group.name}</strong> {ownOf(row.group) ? "Midwatch's own" : row.group.file} · every{" "}
                  {formatSeconds(row.group.interval_seconds)}
                  {row.group.missed > 0 && (
                    <span className="warning"> · {plural(row.group.missed, "evaluation")} missed</span>
                  )}
                </th>
              </tr>
            ) : (
              <Row key={row.id} row={row} current={row.id === current} onOpen={() => props.onOpen(row.id)} />
            );
          }}
        />
      </table>
    </div>
  );
}

function Row(props: { row: Extract<RuleRow, { kind: "rule" }>; current: boolean; onOpen: () => void }) {
  const { rule, drill } = props.row;
  return (
    <tr className={classes.rule} data-current={props.current} onClick={props.onOpen}>
      <td>
        <HealthMark {...ruleHealth(rule)} />
      </td>
      <td className={classes.name}>
        <Go to="/alerts/rules/$id" params={{ id: rule.id }}>
          {rule.name}
        </Go>
        {rule.firing + rule.pending > 1 && <span className="soft"> {plural(rule.firing + rule.pending, "alert")}</span>}
        <p className="mono soft truncate" title={rule.query}>
          {rule.query}
        </p>
        {rule.error && <p className="bad">{rule.error}</p>}
      </td>
      <td className="wide-only">
        {drill === undefined ? (
          <span className="soft">–</span>
        ) : drill.drilled_at === null ? (
          <span className="warning">never</span>
        ) : unrehearsed(drill) ? (
          <span className="warning">not since it changed</span>
        ) : (
          <>
            <RelativeTime time={drill.drilled_at} /> {drill.passed ? "" : <span className="bad">failed</span>}
          </>
        )}
      </td>
      <td className="wide-only">
        <RelativeTime time={rule.evaluated_at} fresh />
      </td>
      <td className="num wide-only">{rule.evaluated_at ? formatSeconds(rule.evaluation_seconds) : "–"}</td>
    </tr>
  );
}
