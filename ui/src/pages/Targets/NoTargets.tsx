import { Empty, InForce, Snippet } from "@/components/State";

const SNIPPET = `scrape_configs:
  - job_name: shop
    scrape_interval: 15s
    static_configs:
      - targets: ["10.0.0.7:8000"]
        labels: {env: production}`;

/** There are no jobs: what to write, or who has them. */
export function NoTargets({ scraping }: { scraping: boolean }) {
  if (!scraping)
    return (
      <Empty title="This server does not scrape at the moment">
        Of several servers on one database one scrapes, and only that one knows its targets. A server that has just
        started takes some seconds; this page looks again by itself.
      </Empty>
    );
  return (
    <Empty title="No targets yet">
      What has a <code>/metrics</code> page is asked for it when the plan&apos;s <code>midwatch.yml</code> says so, as
      in Prometheus:
      <Snippet code={SNIPPET} label="the part of the plan" />
      <InForce />
    </Empty>
  );
}

/** In the drawer of an address that named one once. */
export function NoMore() {
  return (
    <Empty title="Cannot find the target">
      Discovery no longer finds it, or the plan has changed. Its series are kept: ask for them in Metrics.
    </Empty>
  );
}
