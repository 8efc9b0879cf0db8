import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

const ROW = 31;
const OVERSCAN = 20;

/** The body of a long table in the page's scroll area: only the rows in sight are in the document. All have one height. */
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
    if (!main || !body.current) return;
    setAbove(body.current.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop);
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
