import { MultiSelect, SegmentedControl, TagsInput } from "@mantine/core";
import { useState } from "react";
import { usePrometheus } from "@/api/prometheus";
import { buildQuery, type Figure, figuresOf, type Metric } from "@/model/suggest";
import classes from "./Metrics.module.css";

const MATCHER = /^[a-zA-Z_][a-zA-Z0-9_]*\s*(=~|!~|!=|=)\s*".*"$/;

/** Puts a query together from what one wants to see of a metric; each choice is written into the field above. */
export function Builder({ metric, onBuild }: { metric: Metric; onBuild: (query: string) => void }) {
  const figures = figuresOf(metric.kind);
  const [figure, setFigure] = useState<Figure>(figures[0] ?? "value");
  const [by, setBy] = useState<string[]>([]);
  const [matchers, setMatchers] = useState<string[]>([]);
  const selected = metric.kind === "histogram" ? `${metric.name}_count` : metric.name;
  const match = `{__name__=${JSON.stringify(selected)}}`;
  const labels = usePrometheus<string[]>("labels", { "match[]": match }, { staleMs: 60_000 });
  const names = (labels.data?.data ?? []).filter((name) => name !== "__name__" && name !== "le");
  function build(part: { figure?: Figure; by?: string[]; matchers?: string[] }) {
    const next = { metric, figure, by, matchers, ...part };
    setFigure(next.figure);
    setBy(next.by);
    setMatchers(next.matchers);
    onBuild(buildQuery(next));
  }
  return (
    <div className={classes.builder} role="group" aria-label={`Query of ${metric.name}`}>
      <label>
        <span>Show</span>
        <SegmentedControl
          data={[...figures]}
          value={figure}
          aria-label="Figure"
          onChange={(value) => build({ figure: value as Figure })}
        />
      </label>
      <label>
        <span>Where</span>
        <TagsInput
          size="xs"
          aria-label="Where"
          placeholder={matchers.length > 0 ? "" : 'job="api"'}
          data={names.map((name) => `${name}=`)}
          value={matchers}
          splitChars={[]}
          onChange={(values) => build({ matchers: values.map(quoted).filter((one) => MATCHER.test(one)) })}
        />
      </label>
      <label>
        <span>By</span>
        <MultiSelect
          size="xs"
          aria-label="By"
          searchable
          placeholder={by.length > 0 ? "" : "all together"}
          data={names}
          value={by}
          onChange={(values) => build({ by: values })}
        />
      </label>
    </div>
  );
}

/** `job=api` means `job="api"`. */
function quoted(text: string): string {
  const match = /^\s*([\w]+)\s*(=~|!~|!=|=)\s*([^"].*)$/.exec(text);
  return match ? `${match[1]}${match[2]}${JSON.stringify(match[3]?.trim())}` : text.trim();
}
