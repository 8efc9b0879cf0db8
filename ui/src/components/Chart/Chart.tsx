import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { Go } from "@/components/Go";
import { usePreferences } from "@/state/preferences";
import { useScope } from "@/state/scope";
import classes from "./Chart.module.css";
import { connect, init } from "./echarts";
import { Legend } from "./Legend";
import { type ChartDot, type ChartMarker, type ChartSeries, chartOption, DOTS } from "./option";
import { SeriesTable } from "./SeriesTable";

/** Charts of one group share the crosshair. */
const GROUP = "page";
const DRAG_MS_MIN = 1000;

export interface ChartProps {
  /** What is drawn: heading, and name for a screen reader. */
  title: string;
  series: readonly ChartSeries[];
  startMs: number;
  endMs: number;
  format: (value: number) => string;
  kind?: "line" | "bars";
  markers?: readonly ChartMarker[];
  /** Drawn over the lines; a click tells which. */
  dots?: readonly ChartDot[];
  onDot?: (dot: ChartDot) => void;
  fromZero?: boolean;
  height?: number;
  /** `true`: also for a single series. */
  legend?: boolean;
  heading?: boolean;
  /** The statement that answers the same from the tables: one click away. */
  sql?: string;
}

const NO_MARKERS: readonly ChartMarker[] = [];
const NO_DOTS: readonly ChartDot[] = [];

/** A chart over time: drag zooms the page's time range, double click zooms back. */
export function Chart(props: ChartProps) {
  const { title, series, startMs, endMs, format, kind = "line", markers = NO_MARKERS, height = 160 } = props;
  const { dots = NO_DOTS, onDot, fromZero = true } = props;
  const { zoomTo, zoomBack } = useScope();
  const { zone } = usePreferences();
  const scheme = useComputedColorScheme("light");
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [asTable, setAsTable] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init> | null>(null);
  const draw = useRef(() => {});
  const dragging = useRef(false);
  const zoom = useRef({ zoomTo, zoomBack });
  const pick = useRef({ dots, onDot });
  useEffect(() => {
    zoom.current = { zoomTo, zoomBack };
    pick.current = { dots, onDot };
  });

  const shown = useMemo(() => series.filter((one) => !hidden.has(one.name)), [series, hidden]);

  useEffect(() => {
    if (asTable || !box.current) return;
    const made = init(box.current);
    chart.current = made;
    made.group = GROUP;
    connect(GROUP);
    made.on("brushEnd", (event) => {
      // Charts of a group hear of each other's brushes; one drag is one step to go back.
      if (!dragging.current) return;
      const area = (event as { areas: { coordRange: [number, number] }[] }).areas[0];
      made.dispatchAction({ type: "brush", areas: [] });
      if (area && area.coordRange[1] - area.coordRange[0] >= DRAG_MS_MIN)
        zoom.current.zoomTo(area.coordRange[0], area.coordRange[1]);
    });
    made.on("click", (event) => {
      const dot = event.seriesId === DOTS ? pick.current.dots[event.dataIndex] : undefined;
      if (dot) pick.current.onDot?.(dot);
    });
    made.getZr().on("dblclick", () => zoom.current.zoomBack());
    // Fresh data (the page is live) would end a drag: it is drawn after it.
    made.getZr().on("mousedown", () => (dragging.current = true));
    const release = () => {
      if (!dragging.current) return;
      dragging.current = false;
      draw.current();
    };
    window.addEventListener("mouseup", release);
    const observer = new ResizeObserver(() => {
      made.resize();
      if (!dragging.current) draw.current();
    });
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      window.removeEventListener("mouseup", release);
      dragging.current = false;
      made.dispose();
      chart.current = null;
    };
  }, [asTable]);

  useEffect(() => {
    draw.current = () => {
      const made = chart.current;
      if (!made) return;
      made.setOption(
        chartOption({
          series: shown,
          dots,
          fromZero,
          kind,
          startMs,
          endMs,
          format,
          markers,
          zone,
          width: made.getWidth(),
        }),
        { notMerge: true },
      );
      made.dispatchAction({
        type: "takeGlobalCursor",
        key: "brush",
        brushOption: { brushType: "lineX", brushMode: "single" },
      });
    };
    if (!dragging.current) draw.current();
    // `scheme`: the canvas takes its colours anew when the look changes.
  }, [shown, dots, fromZero, kind, startMs, endMs, format, markers, zone, scheme, asTable]);

  return (
    <figure className={classes.figure} aria-label={title}>
      <figcaption className={props.heading === false ? "visually-hidden" : classes.caption}>
        <span>{title}</span>
        <span className="row">
          {props.sql && (
            <Go to="/sql" search={{ sql: props.sql }} className={classes.switch}>
              Query<span className="visually-hidden"> of {title}</span>
            </Go>
          )}
          <button type="button" className={classes.switch} onClick={() => setAsTable(!asTable)}>
            {asTable ? "Chart" : "Table"}
            <span className="visually-hidden"> of {title}</span>
          </button>
        </span>
      </figcaption>
      {asTable ? (
        <SeriesTable series={shown} format={format} zone={zone} height={height} />
      ) : (
        <div ref={box} style={{ height }} aria-hidden="true" />
      )}
      {(props.legend ?? series.length > 1) && (
        <Legend series={series} hidden={hidden} onChange={setHidden} format={format} />
      )}
    </figure>
  );
}
