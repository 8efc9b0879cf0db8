import { useSearch } from "@tanstack/react-router";
import type { CostReport, CostRow } from "@/api/types";
import { Go } from "@/components/Go";
import { LongTable } from "@/components/LongTable";
import { formatCount, formatExact, formatShare } from "@/lib/format";
import {
  DIMENSIONS,
  type Dimension,
  narrowedBy,
  readMatch,
  recordsQuery,
  spansQuery,
  valueName,
  writeMatch,
} from "@/model/costs";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Costs.module.css";
import { Money } from "./Money";
import type { CostsSearch } from "./url";

/** By what one would look next, once a value is chosen. */
const NEXT: Partial<Record<string, Dimension>> = { kind: "service", service: "kind", model: "feature", job: "job_id" };

/** Each value with its share; a click narrows to it, and its amount leads to the records and spans behind it. */
export function Values({ report }: { report: CostReport }) {
  const { match: texts } = useSearch({ strict: false }) as CostsSearch;
  const change = useSearchChange<CostsSearch>();
  const match = readMatch(texts);
  const { by } = report;
  const columns = [
    { label: DIMENSIONS[by as Dimension] ?? by },
    { label: "Amount", numeric: true },
    { label: "Share" },
    { label: "Units", numeric: true, wideOnly: true },
    { label: "Uses", numeric: true, wideOnly: true },
    { label: "Behind it", wideOnly: true },
  ];
  return (
    <LongTable
      label={`Costs by ${by}`}
      what={["value", "values"]}
      items={report.rows}
      columns={columns}
      text={(one) => one.value}
      row={(one) => {
        const narrowed = narrowedBy(match, { name: by, value: one.value });
        return (
          <tr key={one.value}>
            <td className={classes.value}>
              <button
                type="button"
                className="row-open truncate"
                title={`Narrow to ${valueName(one.value)}`}
                onClick={() => change({ match: writeMatch(narrowed), by: NEXT[by] ?? "kind" })}
              >
                {one.value || <span className="soft">{valueName("")}</span>}
              </button>
            </td>
            <td className="num">
              <Amount row={one} currency={report.currency} query={recordsQuery(narrowed)} />
            </td>
            <td>
              <Share share={one.share} />
            </td>
            <td className="num wide-only soft" title={one.units ?? undefined}>
              {one.units === null ? "–" : formatCount(Number(one.units))}
            </td>
            <td className="num wide-only soft" title={formatExact(one.uses)}>
              {formatCount(one.uses)}
            </td>
            <td className="wide-only">
              <Behind records={recordsQuery(narrowed)} spans={spansQuery(narrowed)} />
            </td>
          </tr>
        );
      }}
    />
  );
}

function Amount({ row, currency, query }: { row: CostRow; currency: string; query: string }) {
  if (row.unpriced === row.uses)
    return (
      <a href="#unpriced" className="warning">
        no price
      </a>
    );
  return (
    <Go to="/logs" search={{ query }}>
      <Money amount={row.amount} currency={currency} />
      {row.unpriced > 0 && (
        <span className="warning" title={`${formatExact(row.unpriced)} uses without a price are not in it`}>
          {" "}
          △<span className="visually-hidden"> {row.unpriced} uses without a price</span>
        </span>
      )}
    </Go>
  );
}

function Behind({ records, spans }: { records: string; spans: string | null }) {
  return (
    <span className="row">
      <Go to="/logs" search={{ query: records }}>
        Records
      </Go>
      {spans && (
        <Go to="/traces" search={{ query: spans }}>
          LLM spans
        </Go>
      )}
    </span>
  );
}

export function Share({ share }: { share: number }) {
  return (
    <span className={classes.share}>
      <i aria-hidden>
        <b style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
      </i>
      <span className="num">{formatShare(share)}</span>
    </span>
  );
}
