import { TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { formatExact, plural } from "@/lib/format";
import { RowWindow } from "./RowWindow";

/** From this many rows on a table says how many they are, and can be filtered. */
const LONG = 20;

export interface Column {
  label: string;
  numeric?: boolean;
  /** Left out on a phone; so is its cell, by the same class. */
  wideOnly?: boolean;
}

/** A list of any length: only the rows in sight are in the document, and below a long one stands how many there are. */
export function LongTable<T>({
  label,
  what,
  items,
  columns,
  text,
  row,
  current,
  more,
}: {
  label: string;
  /** One of the items, in words. */
  what: [one: string, many: string];
  items: readonly T[];
  columns: readonly Column[];
  /** What the filter looks through; without it there is none. */
  text?: (item: T) => string;
  /** A `tr` with a key. */
  row: (item: T, index: number) => ReactNode;
  /** The row that keys are on, of a list without a filter of its own. */
  current?: number;
  /** What is said, or asked, where the list does not hold everything. */
  more?: ReactNode;
}) {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const shown = text && wanted ? items.filter((item) => text(item).toLowerCase().includes(wanted)) : items;
  const count = plural(items.length, ...what);
  const long = items.length >= LONG;
  return (
    <>
      {text && long && (
        <TextInput
          data-search
          my="xs"
          w={240}
          aria-label={`Filter ${what[1]}`}
          placeholder={`Filter ${what[1]}`}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      <div className="table-wrap" style={{ marginTop: 8 }} tabIndex={0} role="region" aria-label={label}>
        <table className="dense" aria-rowcount={shown.length + 1}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.label}
                  className={`${column.numeric ? "num" : ""} ${column.wideOnly ? "wide-only" : ""}`}
                >
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <RowWindow
            count={shown.length}
            columns={columns.length}
            current={current}
            row={(at) => {
              const item = shown[at];
              return item === undefined ? null : row(item, at);
            }}
          />
        </table>
      </div>
      {(long || more) && (
        <div className="row small soft" style={{ marginTop: 8 }}>
          <span role="status">{wanted ? `${formatExact(shown.length)} of ${count}` : count}</span>
          {more}
        </div>
      )}
    </>
  );
}
