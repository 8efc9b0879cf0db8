import { IconBulb } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { useScopedApi } from "@/api/queries";
import type { NoiseReport, RuleNoiseShown } from "@/api/types";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { PageFrame } from "@/components/PageFrame";
import { RowWindow } from "@/components/RowWindow";
import { SortHead } from "@/components/SortHead";
import { Empty, Loaded, LookFurther, Notice } from "@/components/State";
import { capitalized, formatExact, formatSeconds, NOT_MEASURED, plural } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { type NoiseSort, noiseTotals, sortNoise } from "@/model/alertHistory";
import { useSearchChange } from "@/state/useOpened";
import { AlertsViews } from "../Alerts/AlertsViews";
import classes from "./AlertHistory.module.css";
import type { AlertHistorySearch } from "./url";
import { useRuleIds } from "./useRuleIds";

const COLUMNS: readonly { sort: NoiseSort; label: string; wideOnly?: boolean }[] = [
  { sort: "fired", label: "Fired" },
  { sort: "notified", label: "Told", wideOnly: true },
  { sort: "acknowledged", label: "Acknowledged", wideOnly: true },
  { sort: "slept_through", label: "Slept through" },
  { sort: "flapped", label: "Flapped", wideOnly: true },
  { sort: "silenced", label: "Silenced", wideOnly: true },
  { sort: "median_seconds", label: "Median length", wideOnly: true },
];
const NONE: readonly RuleNoiseShown[] = [];

/** Which rules wake people for nothing, and what would mend them. */
export function Noise({ tabs }: { tabs: ReactNode }) {
  const { sort, order = "down" } = useSearch({ strict: false }) as AlertHistorySearch;
  const change = useSearchChange<AlertHistorySearch>();
  const navigate = useNavigate();
  const [marked, setMarked] = useState<string>();
  const query = useScopedApi<NoiseReport>("alert-noise");
  const ids = useRuleIds();
  const rules = useMemo(() => sortNoise(query.data?.rules ?? NONE, sort, order), [query.data, sort, order]);
  const current = rules.findIndex((one) => one.rule === marked);
  const open = (rule: string) => {
    const id = ids.get(rule);
    if (id === undefined) change({ tab: undefined, rule });
    else void navigate({ to: "/alerts/rules/$id", params: { id } } as never);
  };
  useListKeys({
    count: rules.length,
    current,
    onMove: (at) => setMarked(rules[at]?.rule),
    onOpen: (at) => open(rules[at]?.rule ?? ""),
  });
  const sortBy = (next: NoiseSort) => {
    const first = next === "rule" ? "up" : "down";
    change({ sort: next, order: sort === next ? (order === "up" ? "down" : "up") : first });
  };
  return (
    <PageFrame title="Noise of alerts" heading="Alerts" actions={tabs}>
      <AlertsViews />
      <Loaded
        query={query}
        what="the noise report"
        empty={(data) =>
          data.rules.length === 0 && (
            <Empty title="No rule fired in this time range" action={<LookFurther />}>
              Whether a rule wakes people for nothing shows after weeks: look at a longer range.
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            {data.partial && (
              <Notice tone="warning">
                More happened than a report reads: these are the newest changes of this time range. Choose a shorter one
                for all of its own.
              </Notice>
            )}
            <Totals rules={data.rules} />
            <div className="table-wrap" tabIndex={0} role="region" aria-label="Noise by rule">
              <table className={`dense ${classes.noise}`} aria-rowcount={rules.length + 1}>
                <thead>
                  <tr>
                    <SortHead
                      label="Rule"
                      numeric={false}
                      sorted={sort === "rule" ? order : null}
                      onSort={() => sortBy("rule")}
                    />
                    {COLUMNS.map((column) => (
                      <SortHead
                        key={column.sort}
                        label={column.label}
                        wideOnly={column.wideOnly}
                        sorted={sort === column.sort ? order : null}
                        onSort={() => sortBy(column.sort)}
                      />
                    ))}
                  </tr>
                </thead>
                <RowWindow
                  count={rules.length}
                  columns={COLUMNS.length + 1}
                  current={current}
                  row={(at) => {
                    const one = rules[at];
                    return (
                      one && (
                        <Row
                          key={one.rule}
                          noise={one}
                          ruleId={ids.get(one.rule)}
                          current={one.rule === marked}
                          onOpen={() => open(one.rule)}
                        />
                      )
                    );
                  }}
                />
              </table>
            </div>
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Totals({ rules }: { rules: readonly RuleNoiseShown[] }) {
  const totals = noiseTotals(rules);
  return (
    <Figures>
      <Figure label="Rules that fired">{formatExact(rules.length)}</Figure>
      <Figure label="Fired">{formatExact(totals.fired)}</Figure>
      <Figure label="Told">{formatExact(totals.notified)}</Figure>
      <Figure label="Acknowledged">{formatExact(totals.acknowledged)}</Figure>
      <Figure label="Slept through">{formatExact(totals.slept)}</Figure>
      <Figure label="To mend">{plural(totals.mendable, "rule")}</Figure>
    </Figures>
  );
}

function Row(props: { noise: RuleNoiseShown; ruleId: string | undefined; current: boolean; onOpen: () => void }) {
  const { noise } = props;
  return (
    <tr className={classes.rule} data-current={props.current} onClick={props.onOpen}>
      <td className={classes.name}>
        {props.ruleId === undefined ? (
          <button type="button" className={`row-open ${classes.open}`} title="No rule of this name is in force">
            {noise.rule}
          </button>
        ) : (
          <Go to="/alerts/rules/$id" params={{ id: props.ruleId }} onClick={(clicked) => clicked.stopPropagation()}>
            {noise.rule}
          </Go>
        )}{" "}
        <Go
          to="/alerts/history"
          search={{ rule: noise.rule }}
          className={classes.changes}
          aria-label={`Changes of ${noise.rule}`}
          onClick={(clicked) => clicked.stopPropagation()}
        >
          changes
        </Go>
        {noise.suggestions.map((text) => (
          <p key={text} className={classes.suggestion}>
            <IconBulb size={13} aria-hidden /> <span>{sentence(text)}</span>
          </p>
        ))}
      </td>
      {COLUMNS.map(({ sort, wideOnly }) => (
        <td key={sort} className={`num ${wideOnly ? "wide-only" : ""}`}>
          <Cell noise={noise} sort={sort} />
        </td>
      ))}
    </tr>
  );
}

function Cell({ noise, sort }: { noise: RuleNoiseShown; sort: NoiseSort }) {
  if (sort === "median_seconds")
    return noise.median_seconds === null ? (
      <span className="soft" title="None of them ended">
        {NOT_MEASURED}
      </span>
    ) : (
      <>{formatSeconds(noise.median_seconds)}</>
    );
  const count = Number(noise[sort]);
  return count === 0 ? <span className="soft">0</span> : <>{formatExact(count)}</>;
}

/** What stands between backticks is code. */
function sentence(text: string): ReactNode {
  const parts = `${capitalized(text)}.`.split("`");
  return parts.map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
