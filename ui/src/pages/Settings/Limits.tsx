import { useApi } from "@/api/queries";
import type { LimitHits } from "@/api/types";
import { Empty, Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact } from "@/lib/format";

export function Limits() {
  const query = useApi<LimitHits>("system/limits");
  return (
    <Loaded
      query={query}
      what="the limits hit"
      empty={(data) =>
        data.hits.length === 0 && (
          <Empty title="No limit was hit in the last day">Nothing was cut, clamped, set aside or refused.</Empty>
        )
      }
    >
      {(data) => (
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Limits hit">
          <table className="dense">
            <thead>
              <tr>
                <th>Reason</th>
                <th>Signal</th>
                <th>Key</th>
                <th className="num">Times</th>
                <th>Last</th>
                <th>What happened</th>
              </tr>
            </thead>
            <tbody>
              {data.hits.map((hit) => (
                <tr key={`${hit.key} ${hit.signal} ${hit.reason}`}>
                  <td className="mono">{hit.reason}</td>
                  <td>{hit.signal}</td>
                  <td>{hit.key}</td>
                  <td className="num">{formatExact(hit.count)}</td>
                  <td>
                    <RelativeTime time={hit.last_seen} />
                  </td>
                  <td className="soft">{hit.explanation}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Loaded>
  );
}
