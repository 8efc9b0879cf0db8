import { useScopedApi } from "@/api/queries";
import type { UnpricedList, UnpricedRow } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { LongTable } from "@/components/LongTable";
import { Section } from "@/components/PageFrame";
import { Failure } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatCount } from "@/lib/format";
import { recordsQuery } from "@/model/costs";
import { EVERY_MS } from "./Spending";

const COLUMNS = [
  { label: "Kind" },
  { label: "Model or currency" },
  { label: "What is missing" },
  { label: "Units", numeric: true, wideOnly: true },
  { label: "Uses", numeric: true },
  { label: "Last", numeric: true, wideOnly: true },
];

/** What is in no sum, and what to write so that it is; left out where everything has a price. */
export function Unpriced({ match }: { match: string[] }) {
  const query = useScopedApi<UnpricedList>("costs/unpriced", { match }, { everyMs: EVERY_MS });
  if (query.isError && !query.data)
    return <Failure error={query.error} what="the unpriced usage" retry={() => void query.refetch()} />;
  const { data } = query;
  const first = data?.rows[0];
  if (!data || !first) return null;
  return (
    <div id="unpriced">
      <Section title="Without a price" aside={`Built-in prices of language models are of ${data.llm_prices_as_of}`}>
        <LongTable
          label="Usage without a price"
          what={["kind of usage", "kinds of usage"]}
          items={data.rows}
          columns={COLUMNS}
          row={(one) => (
            <Row key={`${one.reason} ${one.kind} ${one.provider} ${one.model} ${one.currency}`} row={one} />
          )}
        />
        <p className="small soft">In midwatch.yml it could read:</p>
        <CodeBlock code={suggestion(first)} label="lines for midwatch.yml" />
      </Section>
    </div>
  );
}

function Row({ row }: { row: UnpricedRow }) {
  const match = [{ name: "kind", value: row.kind }, ...(row.model ? [{ name: "model", value: row.model }] : [])];
  return (
    <tr>
      <td>{row.kind || <span className="soft">not told</span>}</td>
      <td>{row.currency || row.model || <span className="soft">–</span>}</td>
      <td className="warning">{row.reason === "no_price" ? "a price" : "an exchange rate"}</td>
      <td className="num wide-only soft" title={row.units}>
        {formatCount(Number(row.units))}
      </td>
      <td className="num">
        <Go to="/logs" search={{ query: recordsQuery(match) }}>
          {formatCount(row.uses)}
        </Go>
      </td>
      <td className="num wide-only soft">
        <RelativeTime time={row.last} />
      </td>
    </tr>
  );
}

function suggestion(row: UnpricedRow): string {
  if (row.reason === "no_rate") return `currency:\n  rates: {${row.currency}: …}   # what one is worth in the base`;
  const match = row.model ? `\n    match: {model: "${row.model}"}` : "";
  const per = row.kind.startsWith("llm.") ? "\n    per: 1000000" : "";
  return `prices:\n  - kind: ${row.kind}${match}\n    amount: …${per}`;
}
