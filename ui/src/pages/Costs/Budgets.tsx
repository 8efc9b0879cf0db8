import { useApi } from "@/api/queries";
import type { BudgetList, BudgetStanding } from "@/api/types";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { Empty, InForce, Loaded, Snippet } from "@/components/State";
import { formatShare } from "@/lib/format";
import { budgetHealth, budgetWords, writeMatch } from "@/model/costs";
import classes from "./Costs.module.css";
import { Money } from "./Money";
import { EVERY_MS } from "./Spending";

const PLANNED = `budgets:
  - name: llm
    match: {kind: "llm.*"}
    amount: 400
    per: month
    alert_at: [50, 80, 100]
    owner: ada`;

/** Each budget of the plan: what is spent, what is expected, and when somebody is told. */
export function Budgets() {
  const query = useApi<BudgetList>("costs/budgets", {}, { everyMs: EVERY_MS });
  return (
    <Loaded
      query={query}
      what="the budgets"
      empty={(data) =>
        data.budgets.length === 0 && (
          <Empty title="No budgets yet">
            A budget alerts along the plan’s routes when a share of it is spent, and when it will not do. It is written
            in the plan’s <code>midwatch.yml</code>:
            <Snippet code={PLANNED} label="the part of the plan" />
            <InForce />
          </Empty>
        )
      }
    >
      {(data) => (
        <ul className={classes.budgets} aria-label="Budgets">
          {data.budgets.map((one) => (
            <Budget key={one.name} budget={one} />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Budget({ budget }: { budget: BudgetStanding }) {
  const health = budgetHealth(budget);
  const match = Object.entries(budget.match).map(([name, value]) => ({ name, value }));
  const search = {
    match: writeMatch(match),
    start: budget.start,
    end: "now",
    currency: budget.currency,
    tab: undefined,
  };
  const whole = Math.max(1, budget.spent_ratio, budget.expected_ratio ?? 0);
  const at = (ratio: number) => `${(Math.min(ratio, whole) / whole) * 100}%`;
  return (
    <li className={classes.budget} data-tone={health}>
      <div className="spread">
        <h2>
          <Go to="/costs" search={search}>
            {budget.name}
          </Go>
        </h2>
        <HealthMark health={health} size={14} word={budgetWords(budget)} />
      </div>
      <p className={classes.line}>
        <b>
          <Money amount={budget.spent} currency={budget.currency} />
        </b>{" "}
        of <Money amount={budget.amount} currency={budget.currency} /> a {budget.per}{" "}
        <span className="soft">({formatShare(budget.spent_ratio)})</span>
      </p>
      <div className={classes.gauge} aria-hidden>
        {budget.expected_ratio !== null && (
          <i className={classes.expected} style={{ width: at(budget.expected_ratio) }} />
        )}
        <i className={classes.spent} style={{ width: at(budget.spent_ratio) }} />
        {budget.alert_at
          .filter((percent) => percent / 100 <= whole)
          .map((percent) => (
            <i key={percent} className={classes.tick} style={{ left: at(percent / 100) }} />
          ))}
      </div>
      <p className="small soft">
        {budget.expected === null ? (
          "Too little is known to tell what is expected"
        ) : (
          <>
            <Money amount={budget.expected} currency={budget.currency} /> expected until {budget.end.slice(0, 10)} (
            {formatShare(budget.expected_ratio)})
          </>
        )}
        {budget.alert_at.length > 0 && <> · alerts at {budget.alert_at.map((one) => `${one} %`).join(", ")}</>}
        {budget.owner && <> · {budget.owner}</>}
        {budget.runbook && (
          <>
            {" "}
            · <Runbook name={budget.runbook} />
          </>
        )}
      </p>
      {match.length > 0 && <p className="small soft">{writeMatch(match).join(", ")}</p>}
    </li>
  );
}

function Runbook({ name }: { name: string }) {
  if (name.includes("://"))
    return (
      <a href={name} target="_blank" rel="noreferrer" className="among">
        Runbook
      </a>
    );
  return (
    <Go to="/alerts/runbooks/$" params={{ _splat: name }} className="among">
      Runbook
    </Go>
  );
}
