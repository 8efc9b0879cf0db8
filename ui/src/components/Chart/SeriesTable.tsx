import { formatShort, type Zone } from "@/lib/format";
import type { ChartSeries } from "./option";

const ROWS_MAX = 500;

/** The same figures for who cannot see the chart. */
export function SeriesTable(props: {
  series: readonly ChartSeries[];
  format: (value: number) => string;
  zone: Zone;
  height: number;
}) {
  const times = [...new Set(props.series.flatMap((one) => one.points.map((point) => point[0])))].sort((a, b) => b - a);
  const values = props.series.map((one) => new Map(one.points));
  return (
    <div style={{ maxHeight: props.height, overflow: "auto" }} tabIndex={0} role="region" aria-label="Values">
      <table className="dense">
        <thead>
          <tr>
            <th>Time</th>
            {props.series.map((one) => (
              <th key={one.name} className="num">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.slice(0, ROWS_MAX).map((ms) => (
            <tr key={ms}>
              <td>{formatShort(ms, props.zone, true)}</td>
              {values.map((byTime, at) => {
                const value = byTime.get(ms);
                return (
                  <td key={at} className="num">
                    {value === null || value === undefined ? "no data" : props.format(value)}
                  </td>
                );
              })}
            </tr>
          ))}
          {times.length > ROWS_MAX && (
            <tr>
              <td colSpan={values.length + 1} className="soft">
                The newest {ROWS_MAX} of {times.length} points: zoom in for the others.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
