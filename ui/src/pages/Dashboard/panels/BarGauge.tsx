import { reduced, spanOf } from "@/model/board/reduced";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** Bars beside each other's names, each as far as its value reaches. */
export function BarGauge({ options, data }: PanelProps<"bargauge">) {
  const { zone } = usePreferences();
  const all = reduced(data.frames, options.reduce, zone);
  const span = spanOf(all);
  return (
    <table className={classes.bars}>
      <tbody>
        {all.map((one, at) => {
          const [min, max] = span(one);
          const share = typeof one.value === "number" ? Math.min(1, Math.max(0, (one.value - min) / (max - min))) : 0;
          return (
            <tr key={at}>
              <th title={one.title}>{one.title}</th>
              <td className={classes.bar} data-unfilled={options.unfilled !== false}>
                <i style={{ width: `${share * 100}%`, background: one.color ?? "var(--series-0)" }} />
              </td>
              {options.values !== "hidden" && (
                <td className="num" title={String(one.value as string)}>
                  {one.text}
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
