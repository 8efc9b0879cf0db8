import { useState } from "react";
import { Notice } from "@/components/State";
import { calculate } from "@/model/board/calculations";
import { rowsOf, titleOf } from "@/model/board/frames";
import { interpolate } from "@/model/board/interpolation";
import { type Looked, show } from "@/model/board/looks";
import { transform } from "@/model/board/transformations";
import { formatAbsolute } from "@/lib/format";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

const ROWS_MAX = 500;

/** Rows and columns; a click on a heading sorts. */
export function Table({ options, data, variables }: PanelProps<"table">) {
  const { zone } = usePreferences();
  const [sort, setSort] = useState(options.sort?.[0]);
  // Series that nothing has put together stand under each other.
  const frames = data.frames.length > 1 ? transform(data.frames, [{ id: "merge" }]) : data.frames;
  const [unsorted] = frames;
  if (!unsorted) return null;
  const [frame = unsorted] = sort ? transform([unsorted], [{ id: "sortBy", sort: [sort] }]) : [unsorted];
  const columns = (frame.fields as readonly Looked[]).filter((field) => !field.look?.cell?.hidden);
  const rows = rowsOf(frame);
  const written = (field: Looked, value: unknown) =>
    field.kind === "time" && typeof value === "number" && !field.look?.unit
      ? { text: formatAbsolute(value, zone).replace(/\.\d{3}/, "") }
      : show(value, field.look ?? {}, zone);
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Rows">
      {rows > ROWS_MAX && (
        <Notice tone="warning">
          {rows} rows, the first {ROWS_MAX} are shown: narrow the query.
        </Notice>
      )}
      <table className="dense">
        {options.header !== false && (
          <thead>
            <tr>
              {columns.map((field, at) => {
                const name = interpolate(titleOf(field), variables, "text");
                const sorted = sort?.field === titleOf(field);
                return (
                  <th
                    key={at}
                    className={field.kind === "number" ? "num" : undefined}
                    aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : undefined}
                  >
                    <button
                      type="button"
                      className={classes.sort}
                      onClick={() => setSort({ field: titleOf(field), descending: sorted ? !sort.descending : true })}
                    >
                      {name}
                      {sorted && (sort.descending ? " ↓" : " ↑")}
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
        )}
        <tbody>
          {Array.from({ length: Math.min(rows, ROWS_MAX) }, (_, row) => (
            <tr key={row}>
              {columns.map((field, at) => {
                const { text, color } = written(field, field.values[row]);
                const painted = field.look?.cell?.kind;
                return (
                  <td
                    key={at}
                    className={field.kind === "number" ? "num" : undefined}
                    title={text}
                    style={
                      !color || !painted
                        ? undefined
                        : painted === "color-background"
                          ? { background: `color-mix(in srgb, ${color} 25%, transparent)` }
                          : painted === "color-text"
                            ? { color }
                            : undefined
                    }
                  >
                    {text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
        {options.footer && (
          <tfoot>
            <tr>
              {columns.map((field, at) => (
                <td key={at} className={field.kind === "number" ? "num" : undefined}>
                  {field.kind === "number" &&
                    written(field, calculate(options.footer?.[0] ?? "sum", field.values)).text}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}
