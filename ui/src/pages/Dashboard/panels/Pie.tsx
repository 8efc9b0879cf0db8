import { useCallback, useMemo } from "react";
import { Plot } from "@/components/Plot";
import { apartColors, realColor } from "@/lib/colors";
import { formatShare } from "@/lib/format";
import { reduced } from "@/model/board/reduced";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** Shares of a whole, with their names and figures beside. */
export function Pie({ options, data, title }: PanelProps<"pie">) {
  const { zone } = usePreferences();
  const slices = useMemo(() => {
    const all = reduced(data.frames, options.reduce, zone).filter(
      ({ value }) => typeof value === "number" && value > 0,
    );
    const color = apartColors(all.map((one) => one.title));
    return all
      .map((one) => ({ ...one, size: one.value as number, shown: one.color ?? color(one.title) }))
      .sort((a, b) => b.size - a.size);
  }, [data.frames, options.reduce, zone]);
  const total = slices.reduce((sum, one) => sum + one.size, 0);
  const donut = options.donut ?? false;
  const optionOf = useCallback(
    () => ({
      animation: false,
      tooltip: { trigger: "item", confine: true, transitionDuration: 0 },
      series: [
        {
          type: "pie",
          radius: donut ? ["55%", "95%"] : [0, "95%"],
          label: { show: false },
          emphasis: { disabled: true },
          itemStyle: { borderColor: realColor("var(--bg)"), borderWidth: 1 },
          data: slices.map(({ title: name, size, shown }) => ({
            name,
            value: size,
            itemStyle: { color: realColor(shown) },
          })),
        },
      ],
    }),
    [slices, donut],
  );
  return (
    <div className={classes.pie}>
      <div className={classes.round}>
        <Plot label={title} optionOf={optionOf} />
      </div>
      <table className={classes.legend}>
        <tbody>
          {slices.map((one) => (
            <tr key={one.title}>
              <td>
                <i style={{ background: one.shown }} /> {one.title}
              </td>
              <td className="num">{one.text}</td>
              <td className="num soft">{formatShare(one.size / total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
