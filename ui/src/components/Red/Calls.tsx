import type { ReactNode } from "react";
import type { Red } from "@/api/types";
import { formatMillis, formatRate, formatShare } from "@/lib/format";
import { healthOf } from "@/model/red";
import { HealthMark } from "../HealthMark";
import { LongTable } from "../LongTable";

const FIGURES = [
  { label: "Calls", numeric: true },
  { label: "Errors", numeric: true },
  { label: "p95", numeric: true },
];

/** Calls between services, or from and to one, with how many there are, how many fail and how long they take. */
export function Calls<T extends Red>({
  label,
  calls,
  ends,
  namesOf,
  cells,
}: {
  label: string;
  calls: readonly T[];
  /** The headings over what is called, and by whom. */
  ends: readonly string[];
  /** What the filter looks through, and the key of a row. */
  namesOf: (call: T) => string;
  /** One for each heading. */
  cells: (call: T) => readonly ReactNode[];
}) {
  return (
    <LongTable
      label={label}
      what={["call", "calls"]}
      items={calls}
      columns={[...ends.map((end) => ({ label: end })), ...FIGURES]}
      text={namesOf}
      row={(call) => (
        <tr key={namesOf(call)}>
          {cells(call).map((cell, at) => (
            <td key={at}>
              {at === 0 ? (
                <span className="row">
                  <HealthMark health={healthOf(call)} />
                  {cell}
                </span>
              ) : (
                cell
              )}
            </td>
          ))}
          <td className="num">{formatRate(call.rate)}</td>
          <td className="num">{formatShare(call.error_ratio)}</td>
          <td className="num">{formatMillis(call.p95_ms)}</td>
        </tr>
      )}
    />
  );
}
