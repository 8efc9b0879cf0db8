import { SegmentedControl } from "@mantine/core";
import { useScopedPages } from "@/api/queries";
import type { RouteVitals, VitalSamples } from "@/api/types";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { LongTable } from "@/components/LongTable";
import { More } from "@/components/More";
import { Section } from "@/components/PageFrame";
import { Loaded, SkeletonRows } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { RATING_WORDS, ratingHealth, VITALS, type VitalName, vitalText } from "@/model/vitals";
import classes from "./Vitals.module.css";

const PAGE = 50;
const COLUMNS = [
  { label: "Value" },
  { label: "On" },
  { label: "What", wideOnly: true },
  { label: "Time", numeric: true },
];

/** One route: its vitals, and single measurements that lead to their traces. */
export function RouteDetail(props: {
  route: string;
  figures: RouteVitals | undefined;
  vital: VitalName;
  filters: Record<string, string | undefined>;
  order: "worst" | "newest";
  onVital: (vital: VitalName) => void;
  onOrder: (order: "worst" | "newest") => void;
}) {
  const { route, figures, vital, order } = props;
  const measured = VITALS.filter((name) => figures?.vitals[name]);
  return (
    <div className={classes.detail}>
      <Figures>
        {measured.map((name) => {
          const one = figures?.vitals[name];
          return (
            <Figure
              key={name}
              label={name.toUpperCase()}
              note={one && <HealthMark health={ratingHealth(one.rating)} size={14} word={RATING_WORDS[one.rating]} />}
            >
              {vitalText(name, one?.p75)}
            </Figure>
          );
        })}
      </Figures>
      <Section
        title="Measurements"
        aside={
          <span className={classes.controls}>
            <SegmentedControl
              aria-label="Vital"
              value={vital}
              onChange={(value) => props.onVital(value as VitalName)}
              data={(measured.includes(vital) ? measured : [vital, ...measured]).map((name) => ({
                value: name,
                label: name.toUpperCase(),
              }))}
            />
            <SegmentedControl
              aria-label="Order"
              value={order}
              onChange={(value) => props.onOrder(value as "worst" | "newest")}
              data={[
                { value: "worst", label: "Worst" },
                { value: "newest", label: "Newest" },
              ]}
            />
          </span>
        }
      >
        <Samples params={{ ...props.filters, route, vital, order }} />
      </Section>
    </div>
  );
}

function Samples({ params }: { params: { vital: VitalName } & Record<string, string | undefined> }) {
  const rows = useScopedPages<VitalSamples>("vitals/samples", params, PAGE);
  const items = rows.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Loaded
      query={rows}
      what="the measurements"
      skeleton={<SkeletonRows rows={6} />}
      empty={() =>
        items.length === 0 && (
          <p className="small soft">{params.vital.toUpperCase()} was not measured here in this time range.</p>
        )
      }
    >
      {() => (
        <LongTable
          label="Single measurements"
          what={["measurement", "measurements"]}
          items={items}
          columns={COLUMNS}
          more={<More rows={rows} />}
          row={(one, at) => (
            <tr key={at}>
              <td>
                <span className="row">
                  <HealthMark health={ratingHealth(one.rating)} size={14} word="" />
                  {one.trace_id ? (
                    <Go
                      to="/traces/$traceId"
                      params={{ traceId: one.trace_id }}
                      title="Open the trace of this page load"
                    >
                      {vitalText(one.name, one.value)}
                    </Go>
                  ) : (
                    vitalText(one.name, one.value)
                  )}
                  <span className="visually-hidden">{RATING_WORDS[one.rating]}</span>
                </span>
              </td>
              <td className="soft">{[one.browser, one.device].filter(Boolean).join(", ") || "–"}</td>
              <td className="wide-only mono soft truncate" style={{ maxWidth: 180 }} title={one.element}>
                {one.element}
              </td>
              <td className="num soft">
                <RelativeTime time={one.time} />
              </td>
            </tr>
          )}
        />
      )}
    </Loaded>
  );
}
