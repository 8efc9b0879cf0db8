import { useCallback, useMemo, useState } from "react";
import { Go } from "@/components/Go";
import { Plot } from "@/components/Plot";
import { usePreferences } from "@/state/preferences";
import type { ChartBand, ChartSpan } from "./band";
import classes from "./Chart.module.css";
import { Legend } from "./Legend";
import { type ChartDot, type ChartMarker, type ChartSeries, chartOption, DOTS } from "./option";
import { SeriesTable } from "./SeriesTable";

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
  /** Drawn behind the lines, with its own row in the legend. */
  band?: ChartBand;
  spans?: readonly ChartSpan[];
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
  const { dots = NO_DOTS, onDot, band, spans, fromZero = true } = props;
  const { zone } = usePreferences();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [asTable, setAsTable] = useState(false);
  const shown = useMemo(() => series.filter((one) => !hidden.has(one.name)), [series, hidden]);

  const optionOf = useCallback(
    (width: number) =>
      chartOption({ series: shown, dots, band, spans, fromZero, kind, startMs, endMs, format, markers, zone, width }),
    [shown, dots, band, spans, fromZero, kind, startMs, endMs, format, markers, zone],
  );
  const pick = (seriesId: string, at: number) => {
    const dot = seriesId === DOTS ? dots[at] : undefined;
    if (dot) onDot?.(dot);
  };

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
        <SeriesTable series={[...shown, ...endsOf(band)]} format={format} zone={zone} height={height} />
      ) : (
        <div style={{ height }}>
          <Plot timed optionOf={optionOf} onPick={pick} />
        </div>
      )}
      {(props.legend ?? series.length > 1) && (
        <Legend series={series} band={band} hidden={hidden} onChange={setHidden} format={format} />
      )}
    </figure>
  );
}

function endsOf(band: ChartBand | undefined): ChartSeries[] {
  if (!band) return [];
  return [
    { name: "lower", points: band.lower },
    { name: "upper", points: band.upper },
  ];
}
