import { Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { interpolate, type Variables } from "@/model/board/interpolation";
import type { PlacedPanel } from "@/model/board/layout";
import { useScope } from "@/state/scope";
import classes from "./Dashboard.module.css";
import { Drawn, needsNoData } from "./panels";
import { usePanelData } from "./usePanelData";

/** A panel at its place: it asks once it comes in sight, and says itself what keeps it from being drawn. */
export function PanelBox({
  placed,
  variables,
  startMs,
  endMs,
}: {
  placed: PlacedPanel;
  variables: Variables;
  startMs: number;
  endMs: number;
}) {
  const { panel, x, y, w, h } = placed;
  const box = useRef<HTMLElement>(null);
  const { seen, width } = useSight(box);
  const scope = useScope();
  const own = { ...variables, ...placed.scope };
  const data = usePanelData(panel, {
    ...{ startMs, endMs, variables: own },
    env: scope.env,
    points: Math.max(100, Math.round(width)),
    enabled: seen && !needsNoData(panel),
  });
  const title = interpolate(panel.title ?? "", own, "text");
  return (
    <section
      ref={box}
      className={classes.panel}
      data-transparent={panel.transparent}
      style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` }}
      aria-label={title || "Panel"}
      aria-busy={data.loading}
    >
      <header className={classes.head}>
        <h3 title={title}>{title}</h3>
        {panel.description && (
          <Tooltip label={interpolate(panel.description, own, "text")} multiline maw={360}>
            <IconInfoCircle size={14} className="soft" aria-label={panel.description} tabIndex={0} />
          </Tooltip>
        )}
        {data.told.length > 0 && (
          <Tooltip label={data.told.join("\n")} multiline maw={420}>
            <IconAlertTriangle size={14} className="warning" aria-label={data.told.join("; ")} tabIndex={0} />
          </Tooltip>
        )}
      </header>
      <div className={classes.body} data-stale={data.stale}>
        {data.error ? (
          <p className={classes.problem} role="alert">
            {data.error.message}
          </p>
        ) : !seen ? null : data.loading && !needsNoData(panel) ? (
          <p className={classes.loading}>Loading…</p>
        ) : (
          <Drawn panel={panel} data={data} variables={own} title={title} />
        )}
      </div>
    </section>
  );
}

/** Whether a panel has come near the window, and how wide it is. */
function useSight(box: React.RefObject<HTMLElement | null>): { seen: boolean; width: number } {
  const [seen, setSeen] = useState(false);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        setWidth(entry.boundingClientRect.width);
        setSeen(true);
        observer.disconnect();
      },
      { rootMargin: "200px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return { seen, width };
}
