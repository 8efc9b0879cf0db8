import type { MapEdge } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { formatMillis, formatRate, formatShare } from "@/lib/format";
import { healthOf } from "@/model/red";

/** The map's edges as a table, the failing and busy ones first. */
export function Calls({ edges }: { edges: readonly MapEdge[] }) {
  const sorted = [...edges].sort((a, b) => b.errors - a.errors || b.rate - a.rate);
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Calls">
      <table className="dense">
        <thead>
          <tr>
            <th>From</th>
            <th>To</th>
            <th className="num">Calls</th>
            <th className="num">Errors</th>
            <th className="num">p95</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((edge) => (
            <tr key={`${edge.source} ${edge.target}`}>
              <td>
                <span className="row">
                  <HealthMark health={healthOf(edge)} />
                  {edge.source}
                </span>
              </td>
              <td>{edge.target}</td>
              <td className="num">{formatRate(edge.rate)}</td>
              <td className="num">{formatShare(edge.error_ratio)}</td>
              <td className="num">{formatMillis(edge.p95_ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
