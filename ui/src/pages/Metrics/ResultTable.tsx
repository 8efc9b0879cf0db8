import { useMemo } from "react";
import type { QueryData, VectorSample } from "@/api/prometheus";
import { RowWindow } from "@/components/RowWindow";
import { Empty } from "@/components/State";
import { plural } from "@/lib/format";
import { numberOfText } from "@/model/series";
import classes from "./Metrics.module.css";

/** An instant result: a column a label, the value last, the greatest first. */
export function ResultTable({ data, format }: { data: QueryData; format: (value: number) => string }) {
  const rows = useMemo(() => rowsOf(data), [data]);
  const labels = useMemo(() => [...new Set(rows.flatMap((row) => Object.keys(row.metric)))].sort(), [rows]);
  if (rows.length === 0)
    return <Empty title="No series here">The query is right and finds nothing at this time.</Empty>;
  return (
    <>
      <p className="small soft">{plural(rows.length, "series", "series")}</p>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Result">
        <table className="dense">
          <thead>
            <tr>
              {labels.map((label) => (
                <th key={label}>{label === "__name__" ? "metric" : label}</th>
              ))}
              <th className={`${classes.value} num`}>value</th>
            </tr>
          </thead>
          <RowWindow
            count={rows.length}
            columns={labels.length + 1}
            row={(at) => {
              const row = rows[at];
              return (
                row && (
                  <tr key={at}>
                    {labels.map((label) => (
                      <td key={label} className={`${classes.cell} mono`} title={row.metric[label]}>
                        {row.metric[label]}
                      </td>
                    ))}
                    <td className={`${classes.value} num`} title={textOf(row)}>
                      {row.value ? format(numberOfText(row.value[1])) : textOf(row)}
                    </td>
                  </tr>
                )
              );
            }}
          />
        </table>
      </div>
    </>
  );
}

function rowsOf(data: QueryData): readonly VectorSample[] {
  if (data.resultType === "scalar" || data.resultType === "string") return [{ metric: {}, value: data.result }];
  if (data.resultType === "matrix")
    return data.result.map(({ metric, values }) => ({ metric, value: values?.[values.length - 1] }));
  const size = (row: VectorSample) => (row.value ? numberOfText(row.value[1]) : Number(row.histogram?.[1].count));
  return [...data.result].sort((a, b) => (size(b) || 0) - (size(a) || 0));
}

function textOf(row: VectorSample): string {
  if (row.value) return row.value[1];
  return row.histogram ? `count ${row.histogram[1].count}, sum ${row.histogram[1].sum}` : "";
}
