import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { connect, init } from "@/components/Chart/echarts";
import { useScope } from "@/state/scope";

/** Plots of one group share the crosshair. */
const GROUP = "page";
const DRAG_MS_MIN = 1000;

/**
 * A canvas that ECharts draws on, as large as its box. Over a time axis, dragging zooms the page's time range and a double
 * click zooms back. `optionOf` is asked again when it changes, when the box does, and when the look does.
 */
export function Plot({
  label,
  optionOf,
  timed = false,
}: {
  /** What a screen reader is told: the figures stand beside it, or in the panel's table. */
  label: string;
  optionOf: (width: number, height: number) => Record<string, unknown>;
  timed?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { zoomTo, zoomBack } = useScope();
  const scheme = useComputedColorScheme("light");
  const chart = useRef<ReturnType<typeof init> | null>(null);
  const latest = useRef({ optionOf, zoomTo, zoomBack, dragging: false });
  useEffect(() => {
    Object.assign(latest.current, { optionOf, zoomTo, zoomBack });
  });

  useEffect(() => {
    if (!box.current) return;
    const made = init(box.current);
    const now = latest.current;
    chart.current = made;
    const release = () => (now.dragging = false);
    if (timed) {
      made.group = GROUP;
      connect(GROUP);
      made.on("brushEnd", (event) => {
        if (!now.dragging) return;
        const area = (event as { areas: { coordRange: [number, number] }[] }).areas[0];
        made.dispatchAction({ type: "brush", areas: [] });
        if (area && area.coordRange[1] - area.coordRange[0] >= DRAG_MS_MIN)
          now.zoomTo(area.coordRange[0], area.coordRange[1]);
      });
      made.getZr().on("dblclick", () => now.zoomBack());
      made.getZr().on("mousedown", () => (now.dragging = true));
      window.addEventListener("mouseup", release);
    }
    const observer = new ResizeObserver(() => {
      made.resize();
      draw(made, now.optionOf, timed);
    });
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      window.removeEventListener("mouseup", release);
      made.dispose();
      chart.current = null;
    };
  }, [timed]);

  useEffect(() => {
    // While something is marked with the mouse, fresh data waits.
    if (chart.current && !latest.current.dragging) draw(chart.current, optionOf, timed);
  }, [optionOf, timed, scheme]);

  return <div ref={box} role="img" aria-label={label} style={{ width: "100%", height: "100%", minHeight: 0 }} />;
}

function draw(
  made: ReturnType<typeof init>,
  optionOf: (width: number, height: number) => Record<string, unknown>,
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
