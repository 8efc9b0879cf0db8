import type { SignalStatus } from "@/api/types";
import { formatBytes, formatCount, formatExact, formatSeconds } from "@/lib/format";
import { RelativeTime } from "./Time";

/** What is stored of each signal and how fresh it is. */
export function SignalTable({ signals }: { signals: readonly SignalStatus[] }) {
  if (!signals.length)
    return <p>The store does not answer, so there are no figures; what comes in waits in the log.</p>;
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Signals">
      <table className="dense">
        <thead>
          <tr>
            <th>Signal</th>
            <th>Newest</th>
            <th className="num">Visible after, p50</th>
            <th className="num">p99</th>
            <th className="num">Rows</th>
            <th className="num">On disk</th>
            <th className="num">Kept for</th>
          </tr>
        </thead>
        <tbody>
          {signals.map((one) => (
            <tr key={one.signal}>
              <td>{one.signal}</td>
              <td>
                <RelativeTime time={one.newest} />
              </td>
              <td className="num">{formatSeconds(one.freshness_p50_seconds)}</td>
              <td className="num">{formatSeconds(one.freshness_p99_seconds)}</td>
              <td className="num" title={formatExact(one.rows)}>
                {formatCount(one.rows)}
              </td>
              <td className="num" title={`${formatExact(one.bytes_on_disk)} bytes`}>
                {formatBytes(one.bytes_on_disk)}
              </td>
              <td className="num">{one.retention_days === 0 ? "for ever" : `${one.retention_days} d`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
