import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { connect, init } from "./echarts";
import { inTurn, notInTurn } from "./turns";
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
    const element = box.current;
    const made = init(element);
    let dragging = false;
    let pointedAt = false;
    const paint = () => {
      // Fresh data (the page is live) would end a drag: it is drawn after it.
      if (dragging) return;
      made.setOption(latest.current.optionOf(made.getWidth(), made.getHeight()), { notMerge: true });
      if (pointedAt) takeDrags(made);
    };
    redraw.current = () => inTurn(paint);
    const release = () => {
      if (!dragging) return;
      dragging = false;
      redraw.current();
    };
    made.on("click", ({ seriesId, dataIndex }) => latest.current.onPick?.(seriesId ?? "", dataIndex));
    const enter = () => {
      pointedAt = true;
      takeDrags(made);
    };
    const leave = () => (pointedAt = false);
    const sight = new IntersectionObserver((entries) => {
      if (entries.at(-1)?.isIntersecting) made.group = GROUP;
      else {
        // Nobody sees its crosshair: it is not drawn again with each move over another one.
        made.group = "";
        made.dispatchAction({ type: "hideTip" });
      }
    });
    if (timed) {
      connect(GROUP);
      sight.observe(element);
      element.addEventListener("pointerenter", enter);
      element.addEventListener("pointerleave", leave);
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
      // The first call only says how large it was made.
      if (made.getWidth() === element.clientWidth && made.getHeight() === element.clientHeight) return;
      made.resize();
      redraw.current();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      sight.disconnect();
      element.removeEventListener("pointerenter", enter);
      element.removeEventListener("pointerleave", leave);
      window.removeEventListener("mouseup", release);
      redraw.current = () => {};
      notInTurn(paint);
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

/** Each chart for itself, and once somebody points at it: told to its group, it would have all of them drawn anew. */
function takeDrags(made: ReturnType<typeof init>): void {
  made.dispatchAction({
    type: "takeGlobalCursor",
    key: "brush",
    brushOption: { brushType: "lineX", brushMode: "single" },
    escapeConnect: true,
  });
}
