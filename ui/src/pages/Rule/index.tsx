import { Anchor, SegmentedControl } from "@mantine/core";
import { useParams, useSearch } from "@tanstack/react-router";
import { LIVE_MS, useApi } from "@/api/queries";
import type { RuleDetail, RuleHistory, RuleTransition } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { LongTable } from "@/components/LongTable";
import { PageFrame, Section } from "@/components/PageFrame";
import { Loaded, Notice } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { formatSeconds } from "@/lib/format";
import { ruleHealth } from "@/model/rules";
import { useSearchChange } from "@/state/useOpened";
import { AlertsViews } from "../Alerts/AlertsViews";
import shared from "../Alerts/Alerts.module.css";
import { LabelTable } from "@/components/LabelTable";
import { AnomalyChart } from "./AnomalyChart";
import { BacktestView } from "./BacktestView";
import { DrillView } from "./DrillView";
import { NowChart } from "./NowChart";
import { RULE_TABS, type RuleSearch } from "./url";

/** One rule: how it is, what it looks at, what it would have done, and what it would do. */
export function Rule() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { tab } = useSearch({ strict: false }) as RuleSearch;
  const change = useSearchChange<RuleSearch>();
  const query = useApi<RuleDetail>(`rules/${id}`, {}, { everyMs: LIVE_MS });
  const rule = query.data?.rule;
  return (
    <PageFrame
      title={rule?.name ?? "Rule"}
      actions={
        rule?.kind === "alerting" && (
          <SegmentedControl
            aria-label="What of the rule"
            value={tab ?? "now"}
            onChange={(value) => change({ tab: RULE_TABS.find((one) => one === value) })}
            data={[
              { value: "now", label: "Now" },
              { value: "backtest", label: "Backtest" },
              { value: "drill", label: "Drill" },
            ]}
          />
        )
      }
    >
      <AlertsViews />
      <Loaded query={query} what="the rule">
        {(data) =>
          tab === "backtest" ? (
            <BacktestView id={id} />
          ) : tab === "drill" ? (
            <DrillView id={id} name={data.rule.name} />
          ) : (
            <Now data={data} />
          )
        }
      </Loaded>
    </PageFrame>
  );
}

const NO_TRANSITIONS: readonly RuleTransition[] = [];

function RuleChart({ rule, transitions }: { rule: RuleDetail; transitions: readonly RuleTransition[] }) {
  if (rule.rule.written_as === "anomaly") return <AnomalyChart ruleId={rule.rule.id} transitions={transitions} />;
  return <NowChart rule={rule} transitions={transitions} />;
}

function Now({ data }: { data: RuleDetail }) {
  const { rule } = data;
  const history = useApi<RuleHistory>("rule-history", { rule_id: rule.id, limit: 500 }, { everyMs: LIVE_MS });
  return (
    <>
      <Figures>
        <Figure label="State">
          <HealthMark {...ruleHealth(rule)} size={18} />
        </Figure>
        <Figure label="Evaluated">
          <RelativeTime time={rule.evaluated_at} fresh />
        </Figure>
        <Figure label="Took">{rule.evaluated_at ? formatSeconds(rule.evaluation_seconds) : "–"}</Figure>
        <Figure label="Every">{formatSeconds(data.interval_seconds)}</Figure>
        {rule.kind === "alerting" && (
          <Figure label="For">{rule.for_seconds > 0 ? formatSeconds(rule.for_seconds) : "at once"}</Figure>
        )}
      </Figures>
      {rule.error && <Notice tone="bad">Its last evaluation failed: {rule.error}</Notice>}
      {rule.warnings.map((text) => (
        <Notice key={text} tone="warning">
          {text}
        </Notice>
      ))}
      {rule.kind === "alerting" && <RuleChart rule={data} transitions={history.data?.transitions ?? NO_TRANSITIONS} />}
      <Section
        title="Rule"
        aside={
          <>
            {data.file}:{rule.line}, group {data.group} ·{" "}
            <Anchor component={Go} to="/explore" search={{ expr: [rule.query] }} size="xs" underline="always">
              Query in Metrics
            </Anchor>
          </>
        }
      >
        <CodeBlock code={rule.query} label="the query" />
        {rule.written_as && <p className="small soft">Made of the convenience {rule.written_as}.</p>}
        <div className={shared.detail}>
          {Object.keys(rule.labels).length > 0 && <LabelTable title="Labels" labels={rule.labels} />}
          {Object.keys(rule.annotations).length > 0 && <LabelTable title="Annotations" labels={rule.annotations} />}
        </div>
      </Section>
      {data.alerts.length > 0 && (
        <Section title={`Alerts, ${data.alerts_total}`}>
          <LongTable
            label="Its alerts"
            what={["alert", "alerts"]}
            items={data.alerts}
            columns={[{ label: "State" }, { label: "Labels" }, { label: "Value", numeric: true }, { label: "Since" }]}
            text={(alert) => Object.values(alert.labels).join(" ")}
            row={(alert) => (
              <tr key={alert.fingerprint}>
                <td>
                  <HealthMark health={alert.state === "firing" ? "bad" : "warning"} word={alert.state} />
                </td>
                <td className="mono" style={{ overflowWrap: "anywhere" }}>
                  <Go to="/alerts" search={{ open: alert.fingerprint }}>
                    {written(alert.labels)}
                  </Go>
                </td>
                <td className="num">{alert.value}</td>
                <td>
                  <RelativeTime time={alert.active_at} />
                </td>
              </tr>
            )}
          />
        </Section>
      )}
      {rule.kind === "alerting" && (
        <Section title="History">
          <Loaded
            query={history}
            what="its history"
            empty={(found) =>
              found.transitions.length === 0 && <p className="soft">It was never anything but inactive.</p>
            }
          >
            {(found) => (
              <LongTable
                label="Changes of its alerts"
                what={["change", "changes"]}
                items={found.transitions}
                columns={[
                  { label: "Time" },
                  { label: "Became" },
                  { label: "Labels" },
                  { label: "Value", numeric: true },
                ]}
                more={found.next_cursor && "Older ones are kept too: ask rule-history of the API"}
                row={(one) => (
                  <tr key={one.id}>
                    <td>
                      <AbsoluteTime time={one.time} />
                    </td>
                    <td>{one.after}</td>
                    <td className="mono" style={{ overflowWrap: "anywhere" }}>
                      {written(one.labels)}
                    </td>
                    <td className="num">{one.value}</td>
                  </tr>
                )}
              />
            )}
          </Loaded>
        </Section>
      )}
    </>
  );
}

function written(labels: Record<string, string>): string {
  return Object.entries(labels)
    .filter(([name]) => name !== "alertname")
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
