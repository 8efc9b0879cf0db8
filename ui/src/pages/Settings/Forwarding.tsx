import { useApi } from "@/api/queries";
import type { ForwardDestinations } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { Empty, Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatBytes, formatExact } from "@/lib/format";

const ASK_MS = 5000;

const COLUMNS = [
  { label: "Destination" },
  { label: "Signal" },
  { label: "Items sent", numeric: true },
  { label: "Last" },
  { label: "Waiting", numeric: true },
  { label: "Lost", numeric: true },
  { label: "Last error" },
];

export function Forwarding() {
  const query = useApi<ForwardDestinations>("forward", {}, { everyMs: ASK_MS });
  return (
    <Loaded
      query={query}
      what="the destinations"
      empty={(data) =>
        data.destinations.length === 0 && (
          <Empty title="Nothing is forwarded">
            Destinations stand under <code>forward</code> in the plan.
          </Empty>
        )
      }
    >
      {(data) => (
        <LongTable
          label="Forwarding"
          what={["destination", "destinations"]}
          items={data.destinations.flatMap((to) => to.signals.map((one) => ({ ...one, to })))}
          columns={COLUMNS}
          text={(one) => `${one.to.name} ${one.to.endpoint} ${one.signal} ${one.error}`}
          row={(one) => (
            <tr key={`${one.to.name} ${one.signal}`}>
              <td title={one.to.endpoint}>{one.to.name}</td>
              <td>{one.signal}</td>
              <td className="num">{formatExact(one.sent_items)}</td>
              <td>{one.last_sent ? <RelativeTime time={one.last_sent} /> : "–"}</td>
              <td className="num">{formatBytes(one.waiting_bytes)}</td>
              <td className="num" title={lostByReason(one.lost)}>
                {formatExact(Object.values(one.lost).reduce((sum, count) => sum + count, 0))}
              </td>
              <td className="soft">{one.error}</td>
            </tr>
          )}
        />
      )}
    </Loaded>
  );
}

function lostByReason(lost: Record<string, number>): string {
  return Object.entries(lost)
    .map(([reason, count]) => `${reason}: ${formatExact(count)}`)
    .join(", ");
}
