import { useApi } from "@/api/queries";
import { useReadiness } from "@/api/readiness";
import type { SystemStatus } from "@/api/types";
import { Figure, Figures } from "@/components/Figure";
import { HealthMark } from "@/components/HealthMark";
import { Section } from "@/components/PageFrame";
import { SignalTable } from "@/components/SignalTable";
import { Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatBytes, formatCount, formatMillis, formatSeconds } from "@/lib/format";

const ASK_MS = 5000;

export function Health() {
  const ready = useReadiness();
  const query = useApi<SystemStatus>("system/status", {}, { everyMs: ASK_MS });
  return (
    <>
      {/* The figures wait for the store; what is wrong does not. */}
      {!query.data && ready.data && <Checks checks={ready.data.checks} />}
      <Loaded query={query} what="system health">
        {(status) => (
          <>
            <Figures>
              <Figure label="Memory">{formatBytes(status.memory_bytes)}</Figure>
              <Figure label="Disk free" note={<span className="soft">of {formatBytes(status.disk_total_bytes)}</span>}>
                {formatBytes(status.disk_free_bytes)}
              </Figure>
              <Figure
                label="Waiting in the write-ahead log"
                note={<span className="soft">of {formatBytes(status.wal.bytes_max)}</span>}
              >
                {formatBytes(status.wal.bytes_waiting)}
              </Figure>
              <Figure label="Oldest waiting">{formatSeconds(status.wal.oldest_waiting_seconds)}</Figure>
              <Figure label="Dead letters">{formatCount(status.dead_letters)}</Figure>
              <Figure label="Engine restarts">{status.engine_restarts}</Figure>
            </Figures>
            <p className="small soft">
              Midwatch {status.version}, started <RelativeTime time={status.started_at} /> · {status.store} ·{" "}
              {status.database}
            </p>
            <Section title="Checks">
              <Checks checks={status.checks} />
            </Section>
            <Section title="Stored">
              <SignalTable signals={status.signals} />
            </Section>
          </>
        )}
      </Loaded>
    </>
  );
}

function Checks({ checks }: { checks: SystemStatus["checks"] }) {
  return (
    <table className="dense">
      <thead>
        <tr>
          <th>Part</th>
          <th>State</th>
          <th className="num">Answered in</th>
        </tr>
      </thead>
      <tbody>
        {checks.map((check) => (
          <tr key={check.name}>
            <td>
              <span className="row">
                <HealthMark health={check.healthy ? "good" : "bad"} />
                {check.name}
              </span>
            </td>
            <td className={check.healthy ? undefined : "bad"}>
              {check.message || (check.healthy ? "well" : "failing")}
            </td>
            <td className="num">{formatMillis(check.latency_ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
