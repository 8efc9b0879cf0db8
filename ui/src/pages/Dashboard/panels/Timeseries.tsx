import { useCallback, useMemo, useState } from "react";
import { toggleSeries } from "@/components/Chart/legendModel";
import { Plot } from "@/components/Plot";
import { apartColors, realColor } from "@/lib/colors";
import { calculate, calculationTitle } from "@/model/board/calculations";
import { show } from "@/model/board/looks";
import { hasLegend, type Line, linesOf, timeOption } from "@/model/board/plots";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import { LegendName } from "./LegendName";
import classes from "../Dashboard.module.css";

const LINES_MAX = 200;

/** Lines, bars or points over time, with a legend that shows and hides. */
export function Timeseries({ options, data, title }: PanelProps<"timeseries">) {
  const { zone } = usePreferences();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const { frames, window } = data;
  const all = useMemo(() => {
    const named = linesOf(frames, () => "");
    const color = apartColors(named.map((line) => line.name));
    return linesOf(frames, color).slice(0, LINES_MAX);
  }, [frames]);
  const lines = useMemo(() => all.filter((line) => !hidden.has(line.name)), [all, hidden]);
  const { startMs, endMs } = window;
  const tooltip = options.tooltip ?? {};
  const how = JSON.stringify(tooltip);
  const optionOf = useCallback(
    (width: number) =>
      timeOption({ lines, startMs, endMs, width, zone, real: realColor, tooltip: JSON.parse(how) as typeof tooltip }),
    [lines, startMs, endMs, zone, how],
  );
  const legend = options.legend ?? {};
  const rows = all.filter((line) => !line.look.drawing?.hide_in_legend);
  const shown = hasLegend(legend, rows);
  return (
    <div className={classes.graph} data-legend={shown ? (legend.placement ?? "bottom") : "none"}>
      <div className={classes.plot}>
        <Plot timed label={title} optionOf={optionOf} />
      </div>
      {shown && (
        <Legend
          rows={rows}
          calculations={legend.calculations ?? []}
          table={legend.mode === "table"}
          hidden={hidden}
          onToggle={(name, adding) =>
            setHidden(
              toggleSeries(
                all.map((line) => line.name),
                hidden,
                name,
                adding,
              ),
            )
          }
        />
      )}
      {all.length === LINES_MAX && <p className="small soft">The first {LINES_MAX} series are drawn.</p>}
    </div>
  );
}

function Legend(props: {
  rows: readonly Line[];
  calculations: readonly string[];
  table: boolean;
  hidden: ReadonlySet<string>;
  onToggle: (name: string, adding: boolean) => void;
}) {
  const { zone } = usePreferences();
  const named = ({ name, color }: Line) => (
    <LegendName {...{ name, color }} shown={!props.hidden.has(name)} onToggle={props.onToggle} />
  );
  const figure = (line: Line, id: string) =>
    show(
      calculate(
        id,
        line.points.map(([, value]) => value),
      ),
      line.look,
      zone,
    ).text;
  if (!props.table)
    return (
      <ul className={classes.names}>
        {props.rows.map((line, at) => (
          <li key={at} data-hidden={props.hidden.has(line.name)}>
            {named(line)}
            {props.calculations.map((id) => (
              <span key={id} className="soft">
                {calculationTitle(id)}: {figure(line, id)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    );
  return (
    <div className={classes.legendBox} tabIndex={0} role="region" aria-label="Legend">
      <table className={classes.legend}>
        <thead>
          <tr>
            <th>Name</th>
            {props.calculations.map((id) => (
              <th key={id} className="num">
                {calculationTitle(id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((line, at) => (
            <tr key={at} data-hidden={props.hidden.has(line.name)}>
              <td>{named(line)}</td>
              {props.calculations.map((id) => (
                <td key={id} className="num">
                  {figure(line, id)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
