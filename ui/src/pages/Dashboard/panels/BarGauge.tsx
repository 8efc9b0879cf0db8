import { reduced, spanOf } from "@/model/board/reduced";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** So tall are bars that have room for it; more of them share what there is. */
const ROW_PX = 56;
const FEW = 8;

/** Bars beside each other's names, each as far as its value reaches. */
export function BarGauge({ options, data }: PanelProps<"bargauge">) {
  const { zone } = usePreferences();
  const all = reduced(data.frames, options.reduce, zone);
  const span = spanOf(all);
  return (
    <table
      className={classes.bars}
      data-few={all.length <= FEW}
      style={{ height: `min(100%, ${all.length * ROW_PX}px)` }}
    >
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
