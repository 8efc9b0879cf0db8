import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Operation } from "@/api/types";
import { Change } from "@/components/Change";
import { Section } from "@/components/PageFrame";
import { SortHead } from "@/components/SortHead";
import { Cut } from "@/components/State";
import { formatMillis, formatRate, formatShare, plural, searchValue } from "@/lib/format";
import { healthOf } from "@/model/red";

const COLUMNS = [
  { field: "rate", label: "Requests" },
  { field: "error_ratio", label: "Errors" },
  { field: "p50_ms", label: "p50" },
  { field: "p95_ms", label: "p95" },
  { field: "p99_ms", label: "p99" },
] as const;
type Field = (typeof COLUMNS)[number]["field"];

const SHOWN_FIRST = 25;

export function Operations({
  service,
  operations,
  total,
}: {
  service: string;
  /** The busiest ones of all. */
  operations: readonly Operation[];
  total: number;
}) {
  const [field, setField] = useState<Field>("rate");
  const [order, setOrder] = useState<"up" | "down">("down");
  const [all, setAll] = useState(false);
  const sign = order === "up" ? 1 : -1;
  const sorted = [...operations].sort((a, b) => sign * ((a[field] ?? -1) - (b[field] ?? -1)));
  const shown = all ? sorted : sorted.slice(0, SHOWN_FIRST);
  return (
    <Section title="Operations" aside={plural(total, "operation")}>
      <Cut shown={operations.length} total={total} what="operations">
        choose a shorter range; names that hold ids are better as attributes.
      </Cut>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Operations and their figures">
        <table className="dense">
          <thead>
            <tr>
              <th>Operation</th>
              {COLUMNS.map((column) => (
                <SortHead
                  key={column.field}
                  label={column.label}
                  sorted={field === column.field ? order : null}
                  onSort={() => {
                    setOrder(field === column.field && order === "down" ? "up" : "down");
                    setField(column.field);
                  }}
                />
              ))}
              <th>Traces</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((operation) => {
              const health = healthOf(operation);
              const query = `service:${searchValue(service)} name:${searchValue(operation.name)}`;
              return (
                <tr key={`${operation.kind} ${operation.name}`}>
                  <td>
                    <Link to="/traces" search={{ query } as never}>
                      {operation.name}
                    </Link>{" "}
                    <span className="soft small">{operation.kind}</span>
                  </td>
                  <td className="num">
                    <Change now={operation.rate} before={operation.previous.rate} /> {formatRate(operation.rate)}
                  </td>
                  <td className="num">
                    <span className={health === "bad" || health === "warning" ? health : undefined}>
                      {formatShare(operation.error_ratio)}
                    </span>
                  </td>
                  <td className="num">{formatMillis(operation.p50_ms)}</td>
                  <td className="num">
                    <Change now={operation.p95_ms} before={operation.previous.p95_ms} worse="up" />{" "}
                    {formatMillis(operation.p95_ms)}
                  </td>
                  <td className="num">{formatMillis(operation.p99_ms)}</td>
                  <td>
                    <Link to="/traces" search={{ query, order: "slowest" } as never}>
                      slowest
                    </Link>
                    {operation.errors > 0 && (
                      <>
                        {" · "}
                        <Link to="/traces" search={{ query: `${query} status:error` } as never}>
                          failed
                        </Link>
                      </>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {sorted.length > shown.length && (
        <Button variant="subtle" onClick={() => setAll(true)}>
          Show all {sorted.length} operations
        </Button>
      )}
    </Section>
  );
}
