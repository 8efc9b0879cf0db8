import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

const ROW = 31;
const OVERSCAN = 20;

/** The body of a long table in the page's scroll area: only the rows in sight are in the document, of whatever height. */
export function RowWindow({
  count,
  columns,
  current = -1,
  row,
}: {
  count: number;
  columns: number;
  /** The row that the keys are on: it is brought into sight. */
  current?: number;
  row: (index: number) => ReactNode;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [above, setAbove] = useState(0);
  useLayoutEffect(() => {
    const main = document.getElementById("main");
    if (!main?.firstElementChild) return;
    const measure = () => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      setAbove(top - main.getBoundingClientRect().top + main.scrollTop);
    };
    measure();
    // What stands above may grow or go: a notice, a list that is unfolded.
    const observer = new ResizeObserver(measure);
    observer.observe(main.firstElementChild);
    return () => observer.disconnect();
  }, [count]);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => document.getElementById("main"),
    estimateSize: () => ROW,
    overscan: OVERSCAN,
    scrollMargin: above,
  });
  useEffect(() => {
    if (current >= 0) virtual.scrollToIndex(current, { align: "auto" });
  }, [current, virtual]);
  const items = virtual.getVirtualItems();
  useLayoutEffect(() => {
    // A row that wraps, or holds a field, is taller than the guess.
    const rows = body.current?.querySelectorAll(":scope > tr:not([aria-hidden])");
    if (rows?.length !== items.length) return;
    items.forEach((item, at) => {
      const height = rows[at]?.getBoundingClientRect().height ?? 0;
      if (height > 0 && Math.abs(height - item.size) > 0.5) virtual.resizeItem(item.index, height);
    });
  });
  const before = (items[0]?.start ?? above) - above;
  const after = virtual.getTotalSize() - ((items[items.length - 1]?.end ?? above) - above);
  return (
    <tbody ref={body}>
      {before > 0 && <Gap columns={columns} height={before} />}
      {items.map((item) => row(item.index))}
      {after > 0 && <Gap columns={columns} height={after} />}
    </tbody>
  );
}

function Gap({ columns, height }: { columns: number; height: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
