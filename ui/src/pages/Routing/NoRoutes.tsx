import { Anchor } from "@mantine/core";
import { Empty, InForce, Snippet } from "@/components/State";

const ROUTES = `route:
  receiver: team
  group_by: [alertname]
  routes:
    - matchers: [severity="critical"]
      receiver: on-call
receivers:
  - name: team
    slack_configs:
      - api_url_file: secrets/slack
        channel: "#alerts"
  - name: on-call
    pagerduty_configs:
      - routing_key_file: secrets/pagerduty`;

/** The plan says nothing of routes: alerts are seen on the page alone. */
export function NoRoutes() {
  return (
    <Empty title="No routes yet">
      Alerts are seen on this page, and nobody is sent anything. Who is told of what is written in the plan&apos;s{" "}
      <code>alertmanager.yml</code>, as{" "}
      <Anchor
        href="https://prometheus.io/docs/alerting/latest/configuration/"
        target="_blank"
        rel="noreferrer noopener"
        size="sm"
        underline="always"
      >
        Alertmanager&apos;s documentation ↗
      </Anchor>{" "}
      has it; <code>docs/alerting.md</code> says what Midwatch adds:
      <Snippet code={ROUTES} label="the file" />
      <InForce />
    </Empty>
  );
}
