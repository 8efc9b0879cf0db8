import type { SqlResult } from "@/api/types";
import { RowWindow } from "../RowWindow";
import classes from "./ResultTable.module.css";

/** Rows of any number as the store gave them. */
export function ResultTable({ result }: { result: SqlResult }) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Result">
      <table className="dense">
        <thead>
          <tr>
            {result.columns.map((column) => (
              <th key={column.name} title={column.type} className={isNumber(column.type) ? "num" : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <RowWindow
          count={result.rows.length}
          columns={result.columns.length}
          row={(at) => (
            <tr key={at}>
              {(result.rows[at] ?? []).map((cell, index) => (
                <td
                  key={index}
                  className={`${classes.cell} mono ${isNumber(result.columns[index]?.type) ? "num" : ""}`}
                  title={write(cell)}
                >
                  {write(cell)}
                </td>
              ))}
            </tr>
          )}
        />
      </table>
    </div>
  );
}

function isNumber(type: string | undefined): boolean {
  return /^(Nullable\(|LowCardinality\(|SimpleAggregateFunction\(\w+, ?)*(U?Int|Float|Decimal)/.test(type ?? "");
}

function write(cell: unknown): string {
  if (cell === null || cell === undefined) return "NULL";
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}
