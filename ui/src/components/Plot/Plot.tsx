import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { connect, init } from "./echarts";
import { useScope } from "@/state/scope";

/** Plots of one group share the crosshair. */
const GROUP = "page";
const DRAG_MS_MIN = 1000;

export type Option = Record<string, unknown>;

/**
 * A canvas that ECharts draws on, as large as its box. Over a time axis, dragging zooms the page's time range and a double
 * click zooms back. `optionOf` is asked again when it changes, when the box does, and when the look does.
 */
export function Plot({
  label,
  optionOf,
  timed = false,
  onPick,
}: {
  /** What a screen reader is told; none where what stands around the plot says it. */
  label?: string;
  optionOf: (width: number, height: number) => Option;
  timed?: boolean;
  /** A click on what is drawn: the id of its series, and its place there. */
  onPick?: (seriesId: string, at: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { zoomTo, zoomBack } = useScope();
  const scheme = useComputedColorScheme("light");
  const redraw = useRef(() => {});
  const latest = useRef({ optionOf, zoomTo, zoomBack, onPick });
  useEffect(() => {
    latest.current = { optionOf, zoomTo, zoomBack, onPick };
  });

  useEffect(() => {
    if (!box.current) return;
    const made = init(box.current);
    let dragging = false;
    // Fresh data (the page is live) would end a drag: it is drawn after it.
    redraw.current = () => {
      if (!dragging) draw(made, latest.current.optionOf, timed);
    };
    const release = () => {
      if (!dragging) return;
      dragging = false;
      redraw.current();
    };
    made.on("click", ({ seriesId, dataIndex }) => latest.current.onPick?.(seriesId ?? "", dataIndex));
    if (timed) {
      made.group = GROUP;
      connect(GROUP);
      made.on("brushEnd", (event) => {
        // Charts of a group hear of each other's brushes; one drag is one step to go back.
        if (!dragging) return;
        const area = (event as { areas: { coordRange: [number, number] }[] }).areas[0];
        made.dispatchAction({ type: "brush", areas: [] });
        if (area && area.coordRange[1] - area.coordRange[0] >= DRAG_MS_MIN)
          latest.current.zoomTo(area.coordRange[0], area.coordRange[1]);
      });
      made.getZr().on("dblclick", () => latest.current.zoomBack());
      made.getZr().on("mousedown", () => (dragging = true));
      window.addEventListener("mouseup", release);
    }
    const observer = new ResizeObserver(() => {
      made.resize();
      redraw.current();
    });
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      window.removeEventListener("mouseup", release);
      redraw.current = () => {};
      made.dispose();
    };
  }, [timed]);

  // `scheme`: the canvas takes its colours anew when the look changes.
  useEffect(() => redraw.current(), [optionOf, scheme, timed]);

  return (
    <div
      ref={box}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
      style={{ width: "100%", height: "100%", minHeight: 0 }}
    />
  );
}

function draw(
  made: ReturnType<typeof init>,
  optionOf: (width: number, height: number) => Option,
  timed: boolean,
): void {
  made.setOption(optionOf(made.getWidth(), made.getHeight()), { notMerge: true });
  if (timed)
    made.dispatchAction({
      type: "takeGlobalCursor",
      key: "brush",
      brushOption: { brushType: "lineX", brushMode: "single" },
    });
}
