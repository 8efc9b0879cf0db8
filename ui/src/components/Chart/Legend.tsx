import { TextInput } from "@mantine/core";
import { useState } from "react";
import { formatExact, plural } from "@/lib/format";
import type { ChartBand } from "./band";
import classes from "./Chart.module.css";
import { legendRow, type LegendSort, sortLegend, toggleSeries } from "./legendModel";
import { type ChartSeries, colorOf } from "./option";

const FILTER_FROM = 9;

/** Names with last, min and max; sorts, and filters where there are many. */
export function Legend(props: {
  series: readonly ChartSeries[];
  band?: ChartBand | undefined;
  hidden: ReadonlySet<string>;
  onChange: (hidden: ReadonlySet<string>) => void;
  format: (value: number) => string;
}) {
  const [sort, setSort] = useState<LegendSort>("as drawn");
  const [filter, setFilter] = useState("");
  const names = props.series.map((one) => one.name);
  const rows = sortLegend(props.series.map(legendRow), sort).filter((row) =>
    row.series.name.toLowerCase().includes(filter.toLowerCase()),
  );
  const write = (value: number | null) => (value === null ? "–" : props.format(value));
  return (
    <div>
      {names.length >= FILTER_FROM && (
        <TextInput
          aria-label="Filter series"
          placeholder="Filter series"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          w={180}
        />
      )}
      <table className={classes.legend}>
        <thead>
          <tr>
            {(["name", "last", "min", "max"] as const).map((column) => (
              <th key={column} className={column === "name" ? undefined : "num"}>
                {column === "min" ? (
                  column
                ) : (
                  <button
                    type="button"
                    aria-pressed={sort === column}
                    onClick={() => setSort(sort === column ? "as drawn" : column)}
                  >
                    {column}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ series, last, min, max }) => (
            <tr key={series.name} data-hidden={props.hidden.has(series.name)}>
              <td>
                <button
                  type="button"
                  aria-pressed={!props.hidden.has(series.name)}
                  title="Click: alone. Ctrl-click: add or take away"
                  onClick={(event) =>
                    props.onChange(toggleSeries(names, props.hidden, series.name, event.ctrlKey || event.metaKey))
                  }
                >
                  <i style={{ background: colorOf(series) }} data-dashed={series.dashed} />
                  {series.name}
                </button>
              </td>
              <td className="num">{write(last)}</td>
              <td className="num">{write(min)}</td>
              <td className="num">{write(max)}</td>
            </tr>
          ))}
          {props.band && <BandRows band={props.band} write={write} />}
        </tbody>
      </table>
    </div>
  );
}

/** What the fill means, and how much of the line is outside of it. */
function BandRows({ band, write }: { band: ChartBand; write: (value: number | null) => string }) {
  const [lower, upper] = [band.lower, band.upper].map((points) => legendRow({ name: band.name, points }));
  const outside = band.outside.filter(([, value]) => value !== null).length;
  const last = [lower?.last ?? null, upper?.last ?? null];
  return (
    <>
      <tr>
        <td>
          <span className={classes.key}>
            <i style={{ background: band.color }} data-band />
            {band.name}
          </span>
        </td>
        <td className="num">{last.includes(null) ? "–" : last.map(write).join(" – ")}</td>
        <td className="num">{write(lower?.min ?? null)}</td>
        <td className="num">{write(upper?.max ?? null)}</td>
      </tr>
      <tr>
        <td>
          <span className={classes.key}>
            <i style={{ background: "var(--bad-line)" }} />
            outside
          </span>
        </td>
        <td className="num" colSpan={3}>
          {outside === 0 ? "at no time" : `${formatExact(outside)} of ${plural(band.outside.length, "point")}`}
        </td>
      </tr>
    </>
  );
}
