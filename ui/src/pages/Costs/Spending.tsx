import { Pill, Select } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useApi, useScopedApi } from "@/api/queries";
import type { CostForecast, CostReport } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Figure, Figures } from "@/components/Figure";
import { Cut, Loaded, NothingMatches, Notice } from "@/components/State";
import { useNow } from "@/components/Time";
import { apartColors } from "@/lib/colors";
import { plural } from "@/lib/format";
import { chartSeries, DIMENSIONS, moneyText, readMatch, writeMatch } from "@/model/costs";
import { resolveRange } from "@/model/range";
import { useScope } from "@/state/scope";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Costs.module.css";
import { Money } from "./Money";
import { NoCosts } from "./NoCosts";
import { Unpriced } from "./Unpriced";
import { UnitCosts } from "./UnitCosts";
import type { CostsSearch } from "./url";
import { Values } from "./Values";

export const EVERY_MS = 60_000;
const SHOWN = 100;

/** Sums by a name, over time and as shares; what the month will come to; what has no price. */
export function Spending() {
  const search = useSearch({ strict: false }) as CostsSearch;
  const { by = "kind", match: texts, currency } = search;
  const match = useMemo(() => readMatch(texts), [texts]);
  const asked = { match: writeMatch(match), currency };
  const change = useSearchChange<CostsSearch>();
  const query = useScopedApi<CostReport>("costs", { ...asked, by, limit: SHOWN }, { everyMs: EVERY_MS });
  return (
    <>
      <Question report={query.data} />
      <Loaded
        query={query}
        what="the costs"
        empty={(data) =>
          data.uses === 0 &&
          (match.length === 0 ? (
            <NoCosts />
          ) : (
            <NothingMatches what="costs" onClear={() => change({ match: undefined })} />
          ))
        }
      >
        {(data) => <Answer report={data} asked={asked} />}
      </Loaded>
    </>
  );
}

function Question({ report }: { report: CostReport | undefined }) {
  const { by = "kind", match: texts, currency } = useSearch({ strict: false }) as CostsSearch;
  const change = useSearchChange<CostsSearch>();
  const match = readMatch(texts);
  const names = Object.entries(DIMENSIONS).map(([value, label]) => ({ value, label }));
  const offered = names.some((one) => one.value === by) ? names : [...names, { value: by, label: by }];
  const currencies = report?.currencies ?? [];
  return (
    <div className={classes.question}>
      <Select
        label="By"
        allowDeselect={false}
        searchable
        data={offered}
        value={by}
        onChange={(next) => change({ by: next === "kind" || next === null ? undefined : next })}
      />
      {currencies.length > 1 && (
        <Select
          label="In"
          w={90}
          allowDeselect={false}
          data={currencies}
          value={currency ?? report?.currency ?? null}
          onChange={(next) => change({ currency: next ?? undefined })}
        />
      )}
      {match.length > 0 && (
        <div className={classes.pills} role="group" aria-label="Narrowed to">
          {match.map((one) => (
            <Pill
              key={one.name}
              withRemoveButton
              removeButtonProps={{
                "aria-label": `Take out ${one.name} ${one.value}`,
                "aria-hidden": false,
                tabIndex: 0,
              }}
              onRemove={() => {
                const rest = writeMatch(match.filter((other) => other !== one));
                change({ match: rest.length ? rest : undefined });
              }}
            >
              {DIMENSIONS[one.name as keyof typeof DIMENSIONS] ?? one.name}: {one.value || "not told"}
            </Pill>
          ))}
        </div>
      )}
    </div>
  );
}

function Answer({ report, asked }: { report: CostReport; asked: { match: string[]; currency: string | undefined } }) {
  const { range } = useScope();
  const now = useNow(EVERY_MS);
  const { startMs, endMs } = useMemo(() => resolveRange(range, now), [range, now]);
  const series = useMemo(() => {
    const found = chartSeries(report);
    const colorOf = apartColors(found.map((one) => one.name));
    return found.map((one) => ({ ...one, color: colorOf(one.name) }));
  }, [report]);
  const { currency } = report;
  return (
    <>
      <Figures>
        <Figure label="In this time range" note={<span className="small soft">{plural(report.uses, "use")}</span>}>
          <Money amount={report.total} currency={currency} />
        </Figure>
        <Month asked={asked} />
      </Figures>
      {report.unpriced > 0 && (
        <Notice tone="warning">
          {plural(report.unpriced, "use")} {report.unpriced === 1 ? "is" : "are"} in no sum: what they cost is not
          known.{" "}
          <a href="#unpriced" className="among">
            Which they are
          </a>
        </Notice>
      )}
      <Chart
        title={`Costs by ${report.interval}`}
        kind="bars"
        height={220}
        legend
        series={series}
        startMs={startMs}
        endMs={endMs}
        format={(value) => moneyText(String(value), currency)}
      />
      <Cut shown={report.rows.length} total={report.rows_total} what="values" which="dearest">
        narrow it, or choose a shorter range.
      </Cut>
      <Values report={report} />
      <UnitCosts currency={asked.currency} />
      <Unpriced match={asked.match} />
    </>
  );
}

/** This calendar month whatever the range is. */
function Month({ asked }: { asked: { match: string[]; currency: string | undefined } }) {
  const { params } = useScope();
  const { data, isError } = useApi<CostForecast>(
    "costs/forecast",
    { ...asked, env: params.env },
    { everyMs: EVERY_MS },
  );
  if (isError || !data) return null;
  return (
    <>
      <Figure label="This month so far" note={<span className="small soft">since {data.start.slice(0, 10)}, UTC</span>}>
        <Money amount={data.spent} currency={data.currency} />
      </Figure>
      <Figure
        label="Expected at its end"
        note={
          <span className="small soft">
            {data.a_day === null
              ? "too little is known yet"
              : `${moneyText(data.a_day, data.currency)} a day, ${data.days > 0 ? `as in the last ${plural(data.days, "day")}` : "as today"}`}
          </span>
        }
      >
        <Money amount={data.expected} currency={data.currency} />
      </Figure>
    </>
  );
}
