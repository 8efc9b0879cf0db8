import { useCallback, useMemo, useRef, useState } from "react";
import type { Watched } from "@/api/types";
import { chartOption, type ChartMarker } from "../Chart/option";
import { Legend } from "../Chart/Legend";
import { Plot } from "../Plot";
import { apartColors } from "@/lib/colors";
import { formatExact, plural, threeDigits } from "@/lib/format";
import { legendNames } from "@/model/series";
import { type Band, extentOf, placeOf, roundedTo, spansOf } from "@/model/rules";
import { usePreferences } from "@/state/preferences";
import classes from "./Watched.module.css";

/** As `chartOption` leaves them around what is drawn. */
const [TOP, FOOT] = [10, 22];
const HEIGHT = 240;
const NO_MARKERS: readonly ChartMarker[] = [];

/** What a rule looks at, with its threshold and the times in which it fired. With `onThreshold` the line can be dragged, or moved by keys. */
export function WatchedChart(props: {
  watched: Watched;
  threshold: number | null;
  bands: readonly Band[];
  startMs: number;
  endMs: number;
  timed?: boolean;
  markers?: readonly ChartMarker[];
  onThreshold?: (value: number) => void;
}) {
  const { watched, threshold, bands, startMs, endMs, markers = NO_MARKERS, onThreshold } = props;
  const { zone } = usePreferences();
  const series = useMemo(() => {
    const names = legendNames(watched.lines.map((line) => ({ metric: line.labels })));
    const color = apartColors(names);
    return watched.lines.map((line, at) => ({
      name: names[at] ?? "",
      color: color(names[at] ?? ""),
      points: line.points.map(({ at: seconds, value }) => [seconds * 1000, value] as const),
    }));
  }, [watched]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => series.filter((one) => !hidden.has(one.name)), [series, hidden]);
  const extent = useMemo(
    () =>
      extentOf(
        watched.lines.flatMap((line) => line.points.map((point) => point.value)),
        watched.threshold,
      ),
    [watched],
  );
  const optionOf = useCallback(
    (width: number) => {
      const option = chartOption({
        ...{
          series: shown,
          dots: [],
          fromZero: false,
          kind: "line",
          startMs,
          endMs,
          format: threeDigits,
          markers,
          spans: spansOf(bands),
          zone,
          width,
        },
      });
      const axis = option.yAxis as { axisLabel: object };
      // Its ends are where the values are, not where round numbers are.
      const axisLabel = { ...axis.axisLabel, showMinLabel: extent[0] === 0, showMaxLabel: false };
      return { ...option, yAxis: { ...axis, axisLabel, scale: false, min: extent[0], max: extent[1] } };
    },
    [shown, startMs, endMs, markers, zone, bands, extent],
  );
  return (
    <figure className={classes.chart} aria-label="What it looks at">
      <figcaption className="small soft">
        <code>{watched.query}</code>
        {watched.more_lines > 0 && `, ${plural(watched.more_lines, "more series", "more series")} not drawn`}
      </figcaption>
      <div style={{ height: HEIGHT, position: "relative" }}>
        <Plot timed={props.timed ?? false} label={`Lines of ${watched.query}`} optionOf={optionOf} />
        {threshold !== null && (
          <Threshold
            key={threshold}
            value={threshold}
            operator={watched.operator ?? ""}
            extent={extent}
            onChange={onThreshold}
          />
        )}
      </div>
      {series.length > 1 && <Legend series={series} hidden={hidden} onChange={setHidden} format={threeDigits} />}
    </figure>
  );
}

function Threshold(props: {
  value: number;
  operator: string;
  extent: [number, number];
  onChange: ((value: number) => void) | undefined;
}) {
  const { extent, onChange } = props;
  const [value, setValue] = useState(props.value);
  const dragged = useRef(false);
  const words = `${props.operator} ${formatExact(value)}`;
  const inner = HEIGHT - TOP - FOOT;
  const style = { top: TOP + placeOf(value, extent) * inner };
  if (!onChange)
    return (
      <div className={classes.threshold} style={style}>
        <span>{words}</span>
      </div>
    );
  const at = (clientY: number, line: HTMLElement) => {
    const top = line.parentElement?.getBoundingClientRect().top ?? 0;
    const place = Math.min(1, Math.max(0, (clientY - top - TOP) / inner));
    return roundedTo(extent[1] - place * (extent[1] - extent[0]), extent);
  };
  const step = (extent[1] - extent[0]) / 50;
  return (
    <div
      className={classes.threshold}
      style={style}
      data-moves
      role="slider"
      tabIndex={0}
      aria-label="Threshold"
      aria-orientation="vertical"
      aria-valuemin={extent[0]}
      aria-valuemax={extent[1]}
      aria-valuenow={value}
      aria-valuetext={words}
      title="Drag, or use the arrow keys"
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.focus();
        dragged.current = true;
      }}
      onPointerMove={(event) => dragged.current && setValue(at(event.clientY, event.currentTarget))}
      onPointerUp={(event) => {
        if (!dragged.current) return;
        dragged.current = false;
        onChange(at(event.clientY, event.currentTarget));
      }}
      onKeyDown={(event) => {
        const up = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
        if (up === 0) return;
        event.preventDefault();
        event.stopPropagation();
        setValue(roundedTo(Math.min(extent[1], Math.max(extent[0], value + up * step)), extent));
      }}
      onKeyUp={(event) => {
        if (event.key.startsWith("Arrow") && value !== props.value) onChange(value);
      }}
    >
      <span>{words}</span>
    </div>
  );
}
