import { type ReactNode, type RefObject, useId } from "react";
import { useDragScroll } from "@/lib/useDragScroll";
import classes from "./Graph.module.css";
import type { PlacedMap } from "./layout";

const TONES = ["idle", "good", "warning", "bad"] as const;
export type Tone = (typeof TONES)[number];

/** The box that a graph is drawn in: as wide as there is room for, and scrolled where its words could not be read then. */
export function Frame({
  box,
  label,
  title,
  placed,
  scaleMin,
  className = "",
  children,
}: {
  box: RefObject<HTMLDivElement | null>;
  label: string;
  title: string;
  placed: Pick<PlacedMap<never, never>, "width" | "height">;
  /** Smaller than this its words cannot be read. */
  scaleMin: number;
  className?: string | undefined;
  /** Told how an edge of a tone gets its arrowhead. */
  children: (arrow: (tone: Tone) => string) => ReactNode;
}) {
  const drag = useDragScroll(box);
  // Several graphs stand on one board, each with arrows of its own.
  const id = useId();
  return (
    <div ref={box} className={`${classes.scroll} ${className}`} tabIndex={0} role="region" aria-label={label} {...drag}>
      <svg
        style={{ width: "100%", maxWidth: placed.width, minWidth: placed.width * scaleMin }}
        viewBox={`0 0 ${placed.width} ${placed.height}`}
      >
        <title>{title}</title>
        <defs>
          {TONES.map((tone) => (
            <marker
              key={tone}
              id={`${id}${tone}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
              markerUnits="userSpaceOnUse"
            >
              <path d="M0,0 L8,4 L0,8 z" className={classes.arrow} data-tone={tone} />
            </marker>
          ))}
        </defs>
        {children((tone) => `url(#${id}${tone})`)}
      </svg>
    </div>
  );
}
