import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { Middle } from "@/components/Middle";
import { plural } from "@/lib/format";
import type { Metric } from "@/model/suggest";
import classes from "./Metrics.module.css";

const ROW = 26;

/** All metrics by name or by what their help says; a click shows one. */
export function MetricList({ metrics, onPick }: { metrics: readonly Metric[]; onPick: (metric: Metric) => void }) {
  const [filter, setFilter] = useState("");
  const found = useMemo(() => {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    return metrics.filter((one) => words.every((word) => `${one.name} ${one.help}`.toLowerCase().includes(word)));
  }, [metrics, filter]);
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  return (
    <>
      <TextInput
        aria-label="Filter metrics"
        placeholder="Filter metrics"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <p className="small soft" role="status">
        {found.length === metrics.length
          ? plural(metrics.length, "metric")
          : `${found.length} of ${plural(metrics.length, "metric")}`}
      </p>
      <div ref={box} className={classes.metrics}>
        <ul style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const metric = found[row.index];
            return (
              metric && (
                <li key={metric.name} style={{ transform: `translateY(${row.start}px)`, height: ROW }}>
                  <button
                    type="button"
                    title={metric.help ? `${metric.name}: ${metric.help}` : metric.name}
                    onClick={() => onPick(metric)}
                  >
                    <Middle text={metric.name} />
                    <span className="soft">{SHORT[metric.kind]}</span>
                  </button>
                </li>
              )
            );
          })}
        </ul>
      </div>
    </>
  );
}

const SHORT: Record<Metric["kind"], string> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "hist.",
  "native histogram": "hist.",
  summary: "summ.",
  info: "info",
  unknown: "",
};
