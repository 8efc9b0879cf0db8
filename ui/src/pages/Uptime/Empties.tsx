import { Button } from "@mantine/core";
import { Empty, InForce, Snippet } from "@/components/State";

const PROBES = `probes:
  - name: shop
    interval: 30s
    http:
      url: https://shop.example.com/health
      expect:
        status: [200]
        latency_below: 2s
        certificate_valid_for: 14d`;

export function NoProbes() {
  return (
    <Empty title="No probes yet">
      Sites, ports, certificates, names and databases are looked at from outside when the plan&apos;s{" "}
      <code>midwatch.yml</code> says so:
      <Snippet code={PROBES} label="the part of the plan" />
      <InForce />
    </Empty>
  );
}

const HEARTBEATS = `heartbeats:
  - name: nightly-invoices
    schedule: "0 3 * * *"
    time_zone: Europe/Madrid
    grace: 10m`;

export function NoHeartbeats({ onAdd }: { onAdd?: () => void }) {
  return (
    <Empty title="No heartbeats yet" action={onAdd && <Button onClick={onAdd}>Add heartbeat</Button>}>
      A job or loop that gives signs of life is missed when they stay away. Name it here, or in the plan&apos;s{" "}
      <code>midwatch.yml</code>:
      <Snippet code={HEARTBEATS} label="the part of the plan" />
      <InForce />
      Let the job ask its ping URL when it is done. Sentry&apos;s cron check-ins and Midwatch&apos;s SDK are heard as
      well, without either.
    </Empty>
  );
}
