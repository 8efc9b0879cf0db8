import type { MetricCardinality, SeriesCount } from "@/api/types";
import { Go } from "@/components/Go";
import { LongTable } from "@/components/LongTable";
import { Middle } from "@/components/Middle";
import { Section } from "@/components/PageFrame";
import { Cut } from "@/components/State";
import { formatChange, formatCount, formatExact, formatShare } from "@/lib/format";
import classes from "./Cardinality.module.css";

const CLOSE = 0.8;
/** What is less needs no digits: there is no room for them. */
const LEAST = 0.01;

/** Metrics by series; a click chooses one. */
export function MetricCounts({ data, chosen }: { data: MetricCardinality; chosen: string | undefined }) {
  const max = data.series_per_metric_max;
  return (
    <Section title="Metrics by series" aside={limitText(max, "metric")}>
      <Cut shown={data.metrics.length} total={data.metrics_total} what="metrics" which="widest">
        the others have fewer series than each of these.
      </Cut>
      <LongTable
        label="Widest metrics"
        what={["metric", "metrics"]}
        items={data.metrics}
        columns={[{ label: "Metric" }, ...FIGURES, ...(max > 0 ? [LIMIT] : [])]}
        text={(one) => one.name}
        row={(one) => (
          <tr key={one.name} data-current={one.name === chosen}>
            <td className={classes.name}>
              <Go
                to="/explore/cardinality"
                search={{ metric: one.name }}
                aria-current={one.name === chosen ? "true" : undefined}
              >
                <Middle text={one.name} />
              </Go>
            </td>
            <Figures count={one} of={data.series} max={max} />
          </tr>
        )}
      />
    </Section>
  );
}

export function LabelCounts({ data }: { data: MetricCardinality }) {
  return (
    <Section title="Labels by distinct values">
      <Cut shown={data.labels.length} total={data.labels_total} what="labels" which="widest">
        the others have fewer values than each of these.
      </Cut>
      <LongTable
        label="Widest labels"
        what={["label", "labels"]}
        items={data.labels}
        columns={[
          { label: "Label" },
          { label: "Values", numeric: true },
          { label: "Series that have it", numeric: true },
        ]}
        text={(one) => one.name}
        row={(one) => (
          <tr key={one.name}>
            <td className={classes.name}>
              <Middle text={one.name} />
            </td>
            <Count value={one.values} />
            <Count value={one.series} />
          </tr>
        )}
      />
    </Section>
  );
}

/** By the keys that bring them: of all metrics, or `of` one, which is a part of the keys' limits. */
export function KeyCounts({ data, of }: { data: MetricCardinality; of?: string }) {
  const max = data.series_per_key_max;
  return (
    <Section title={of ? "Its series by ingest key" : "Ingest keys by series"} aside={limitText(max, "key")}>
      <LongTable
        label={of ? `Keys of ${of}` : "Widest keys"}
        what={["key", "keys"]}
        items={data.keys}
        columns={[{ label: "Key" }, ...FIGURES, ...(max > 0 ? [LIMIT] : [])]}
        text={(one) => one.name}
        row={(one) => (
          <tr key={one.name}>
            <td className={classes.name}>
              <Middle text={one.name} />
            </td>
            <Figures count={one} of={data.series} max={max} />
          </tr>
        )}
      />
    </Section>
  );
}

const FIGURES = [
  { label: "Series", numeric: true },
  { label: "Share", numeric: true, wideOnly: true },
  { label: "Growth", numeric: true },
];
const LIMIT = { label: "Of its limit" };

function limitText(max: number, of: string): string {
  return max > 0 ? `Limit: ${formatExact(max)} a ${of} and day` : `No limit by ${of} is set`;
}

function Figures({ count, of, max }: { count: SeriesCount; of: number; max: number }) {
  const before = `${formatExact(count.series_before)} the day before; ${formatExact(count.series_new)} are new`;
  return (
    <>
      <Count value={count.series} />
      <td className="num soft wide-only">{of > 0 ? formatShare(count.series / of) : ""}</td>
      <td className="num soft" title={before}>
        {formatChange(count.series, count.series_before) ?? "new"}
      </td>
      {max > 0 && (
        <td title={`${formatExact(count.series)} of ${formatExact(max)} series a day`}>
          <Share ratio={count.series / max} />
        </td>
      )}
    </>
  );
}

/** A bar up to the limit, in words beside it. */
function Share({ ratio }: { ratio: number }) {
  const tone = ratio >= 1 ? "bad" : ratio >= CLOSE ? "warning" : undefined;
  return (
    <span className={classes.share} data-tone={tone}>
      <i aria-hidden>
        <b style={{ width: `${Math.min(1, ratio) * 100}%` }} />
      </i>
      <span className={`num ${tone ?? "soft"}`}>
        {ratio >= 1 ? "reached" : ratio > 0 && ratio < LEAST ? "< 1 %" : formatShare(ratio)}
      </span>
    </span>
  );
}

export function Count({ value }: { value: number }) {
  return (
    <td className="num" title={formatExact(value)}>
      {formatCount(value)}
    </td>
  );
}
