import { useApi } from "@/api/queries";
import type { ForwardDestinations, ForwardedSignal } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { LongTable } from "@/components/LongTable";
import { Empty, InForce, Loaded, Snippet } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatBytes, formatExact } from "@/lib/format";
import type { Health } from "@/model/red";

const PLANNED = `forward:
  - name: vendor
    endpoint: https://otlp.example.com
    header_files: {x-api-key: secrets/vendor}
    signals: [traces, logs]`;
const ASK_MS = 5000;

const COLUMNS = [
  { label: "State" },
  { label: "Destination" },
  { label: "Signal" },
  { label: "Items sent", numeric: true, wideOnly: true },
  { label: "Last sent", wideOnly: true },
  { label: "Waiting", numeric: true },
  { label: "Lost", numeric: true },
];

export function Forwarding() {
  const query = useApi<ForwardDestinations>("forward", {}, { everyMs: ASK_MS });
  return (
    <Loaded
      query={query}
      what="the destinations"
      empty={(data) =>
        data.destinations.length === 0 && (
          <Empty title="No destinations yet">
            Destinations that speak OTLP are written in the plan’s <code>midwatch.yml</code>:
            <Snippet code={PLANNED} label="the part of the plan" />
            <InForce />
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
              <td>
                <HealthMark {...stateOf(one)} />
              </td>
              <td title={one.to.endpoint}>
                {one.to.name}
                {one.error && (
                  <div className={`small ${stateOf(one).health === "bad" ? "bad" : "soft"}`}>{one.error}</div>
                )}
              </td>
              <td>{one.signal}</td>
              <td className="num wide-only">{formatExact(one.sent_items)}</td>
              <td className="wide-only">
                {one.last_sent ? <RelativeTime time={one.last_sent} /> : <span className="soft">never</span>}
              </td>
              <td className="num">{formatBytes(one.waiting_bytes)}</td>
              <td className="num" title={lostByReason(one.lost)}>
                {formatExact(Object.values(one.lost).reduce((sum, count) => sum + count, 0))}
              </td>
            </tr>
          )}
        />
      )}
    </Loaded>
  );
}

/** What was lost stays a warning: it does not come back, also where everything goes well now. */
function stateOf(one: ForwardedSignal): { health: Health; word: string } {
  if (one.error && one.retry_at) return { health: "bad", word: "failing" };
  if (Object.values(one.lost).some((count) => count > 0)) return { health: "warning", word: "lost some" };
  return one.last_sent ? { health: "good", word: "sending" } : { health: "idle", word: "nothing yet" };
}

function lostByReason(lost: Record<string, number>): string {
  return Object.entries(lost)
    .map(([reason, count]) => `${reason}: ${formatExact(count)}`)
    .join(", ");
}
