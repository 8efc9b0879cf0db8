import { Select } from "@mantine/core";
import { useMemo } from "react";
import { useScopedApi } from "@/api/queries";
import type { Dropped as DroppedAnswer, ErrorsOverTime } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Go } from "@/components/Go";
import { useDeployMarkers } from "@/components/useDeployMarkers";
import { apartColors } from "@/lib/colors";
import { formatCount, formatExact } from "@/lib/format";
import { droppedWords } from "@/model/errors/issue";
import { seriesOf } from "@/model/errors/overTime";
import { resolveRange } from "@/model/range";
import { useScope } from "@/state/scope";
import classes from "./Errors.module.css";
import { BY, type By } from "./url";

const LABELS: Record<By, string> = {
  type: "by type",
  category: "by category",
  severity: "by severity",
  service: "by service",
  environment: "by environment",
  release: "by release",
  handled: "handled or not",
};
/** Of values that have a meaning; what is only named so, as a service may be, has a colour of its own. */
const COLORS: Partial<Record<By, Record<string, string>>> = {
  severity: {
    critical: "var(--bad-text)",
    error: "var(--bad-line)",
    warning: "var(--warning-line)",
    info: "var(--info-line)",
  },
  handled: { unhandled: "var(--bad-line)", handled: "var(--series-0)" },
};

/** Errors of all issues over the range, told apart by one thing that they have. */
export function OverTime({ by, onBy }: { by: By; onBy: (by: By) => void }) {
  const { range } = useScope();
  const found = useScopedApi<ErrorsOverTime>("errors/over-time", { by });
  const { startMs, endMs } = useMemo(() => {
    const resolved = resolveRange(range, Date.now());
    // The axis goes on with each answer.
    return found.dataUpdatedAt > 0 ? resolveRange(range, found.dataUpdatedAt) : resolved;
  }, [range, found.dataUpdatedAt]);
  const markers = useDeployMarkers(startMs, endMs);
  const { series, total } = useMemo(() => {
    const { series: drawn, total: sum } = seriesOf(found.data);
    const colorOf = apartColors(drawn.map((one) => one.name));
    const colored = drawn.map((one) => ({
      ...one,
      color: COLORS[by]?.[one.name] ?? (one.name === "other" ? "var(--line-strong)" : colorOf(one.name)),
    }));
    return { series: colored, total: sum };
  }, [found.data, by]);
  return (
    <div className={classes.over}>
      <div className="spread">
        <span className="small">
          {found.data ? (
            <>
              <strong title={formatExact(total)}>{formatCount(total)}</strong> errors in this time range
            </>
          ) : (
            (found.error?.message ?? "…")
          )}
        </span>
        <Select
          w={150}
          aria-label="Told apart"
          allowDeselect={false}
          value={by}
          onChange={(value) => onBy(BY.find((one) => one === value) ?? "type")}
          data={BY.map((value) => ({ value, label: LABELS[value] }))}
        />
      </div>
      <Chart
        title={`Errors ${LABELS[by]}`}
        heading={false}
        kind="bars"
        series={series}
        startMs={startMs}
        endMs={endMs}
        format={formatCount}
        markers={markers}
        height={120}
        legend={false}
      />
      <ul className={classes.legend} aria-label="Errors by what they have in common">
        {series.map((one) => (
          <li key={one.name}>
            <i style={{ background: one.color }} />
            <span className="truncate" title={one.name}>
              {one.name}
            </span>
            <span className="soft num">{formatCount(one.total)}</span>
          </li>
        ))}
      </ul>
      <Dropped />
    </div>
  );
}

/** What came and was not kept; nothing where everything was. */
function Dropped() {
  const found = useScopedApi<DroppedAnswer>("errors/dropped");
  const { total, parts } = droppedWords(found.data?.reasons ?? {});
  if (total === 0) return null;
  return (
    <p className="small soft" role="status">
      <span title={formatExact(total)}>{formatCount(total)}</span> {total === 1 ? "event was" : "events were"} not kept
      whole: {parts.join(", ")}.{" "}
      <Go to="/settings" search={{ tab: "limits" }} className="among">
        Limits hit
      </Go>
    </p>
  );
}
