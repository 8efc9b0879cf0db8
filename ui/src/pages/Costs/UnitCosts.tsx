import { useScopedApi } from "@/api/queries";
import type { UnitCostList, UnitCostRow } from "@/api/types";
import { Go } from "@/components/Go";
import { Section } from "@/components/PageFrame";
import { Failure } from "@/components/State";
import { formatCount } from "@/lib/format";
import { Money } from "./Money";
import { EVERY_MS } from "./Spending";

/** What one job, user or order costs; left out where the plan has none. */
export function UnitCosts({ currency }: { currency: string | undefined }) {
  const query = useScopedApi<UnitCostList>("costs/units", { currency }, { everyMs: EVERY_MS });
  if (query.isError && !query.data)
    return <Failure error={query.error} what="the unit costs" retry={() => void query.refetch()} />;
  const { data } = query;
  if (!data || data.units.length === 0) return null;
  return (
    <Section title="Unit costs" aside="In this time range, whatever it is narrowed to">
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Unit costs">
        <table className="dense">
          <thead>
            <tr>
              <th>One</th>
              <th className="num">Costs</th>
              <th className="num">Spent</th>
              <th className="num">Count</th>
              <th className="wide-only">Of costs</th>
            </tr>
          </thead>
          <tbody>
            {data.units.map((one) => (
              <tr key={one.name}>
                <td>{one.name}</td>
                <td className="num">
                  {one.each === null ? (
                    <span className="soft">none counted</span>
                  ) : (
                    <Money amount={one.each} currency={data.currency} />
                  )}
                </td>
                <td className="num soft">
                  <Money amount={one.spent} currency={data.currency} />
                </td>
                <td className="num">
                  <Counted unit={one} />
                </td>
                <td className="wide-only soft">
                  {Object.entries(one.match)
                    .map(([name, value]) => `${name}=${value}`)
                    .join(", ") || "all"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** What was counted, where it can be looked at. */
function Counted({ unit }: { unit: UnitCostRow }) {
  const count = formatCount(Number(unit.count));
  if (unit.source === "logs")
    return (
      <Go to="/logs" search={{ query: unit.search }}>
        {count}
      </Go>
    );
  if (unit.source === "spans")
    return (
      <Go to="/traces" search={{ query: unit.search }}>
        {count}
      </Go>
    );
  return <span title={`Increase of ${unit.source}`}>{count}</span>;
}
