import { Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconGripVertical, IconInfoCircle } from "@tabler/icons-react";
import { memo, type PointerEvent, useEffect, useMemo, useRef } from "react";
import { useSight } from "@/lib/useSight";
import { interpolate, type Variables } from "@/model/board/interpolation";
import type { PlacedPanel } from "@/model/board/layout";
import { useScope } from "@/state/scope";
import classes from "./Dashboard.module.css";
import type { Grab } from "./edit/useDragging";
import { Drawn, needsNoData } from "./panels";
import { type PanelActions, PanelMenu } from "./PanelMenu";
import { usePanelData } from "./usePanelData";

interface Props {
  placed: PlacedPanel;
  variables: Variables;
  filters: string;
  startMs: number;
  endMs: number;
  /** None on a wall, and in a preview. */
  actions?: PanelActions | undefined;
  /** While the board is laid out: its head moves it, its corner gives it another size. */
  grab?: Grab | undefined;
  /** While it is the one that is moved. */
  placing?: boolean;
  /** What is wrong with its queries, by their refs. */
  onErrors?: (errors: Readonly<Record<string, string>>) => void;
}

/**
 * A panel at its place: it asks once it comes in sight, and says itself what keeps it from being drawn. While others are
 * pulled about it is not drawn again.
 */
export const PanelBox = memo(Box, (before, after) => {
  const { placed: was, ...rest } = before;
  const { placed: is, ...others } = after;
  const keys = Object.keys({ ...rest, ...others }) as (keyof typeof rest)[];
  return keys.every((key) => rest[key] === others[key]) && liesAs(was, is);
});

function liesAs(a: PlacedPanel, b: PlacedPanel): boolean {
  const same = a.panel === b.panel && a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
  return same && (a.scope === b.scope || JSON.stringify(a.scope) === JSON.stringify(b.scope));
}

function Box({ placed, variables, filters, startMs, endMs, actions, grab, placing = false, onErrors }: Props) {
  const { panel, x, y, w, h } = placed;
  const box = useRef<HTMLElement>(null);
  const { seen, near, width } = useSight(box);
  const scope = useScope();
  const own = useMemo(() => ({ ...variables, ...placed.scope }), [variables, placed.scope]);
  const data = usePanelData(panel, {
    ...{ startMs, endMs, variables: own },
    ...{ env: scope.env, filters },
    points: Math.max(100, Math.round(width)),
    enabled: near && !needsNoData(panel),
  });
  const title = interpolate(panel.title ?? "", own, "text");
  const wrong = JSON.stringify(data.errors);
  useEffect(() => onErrors?.(JSON.parse(wrong) as Record<string, string>), [wrong, onErrors]);
  return (
    <section
      ref={box}
      className={classes.panel}
      data-panel={placed.first ? panel.id : undefined}
      data-placing={placing}
      data-transparent={panel.transparent}
      style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` }}
      aria-label={title || "Panel"}
      aria-busy={data.loading}
    >
      <header
        className={classes.head}
        data-pulls={grab !== undefined}
        onPointerDown={(event) => !isPressed(event) && grab?.(event, panel.id, "move")}
      >
        {grab && actions && (
          <button
            type="button"
            className={classes.grip}
            aria-label={`Move or resize ${title || "the panel"}`}
            title="Drag to move; press for keys"
            onClick={() => actions.onPlace(panel.id)}
          >
            <IconGripVertical size={14} aria-hidden />
          </button>
        )}
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
        {actions && (
          <span className={classes.menu}>
            <PanelMenu panel={panel} title={title} data={data} box={() => box.current} actions={actions} />
          </span>
        )}
      </header>
      <div className={classes.body} data-stale={data.stale}>
        {data.error ? (
          <p className={classes.problem} role="alert">
            {data.error.message}
          </p>
        ) : !seen ? null : data.loading && !needsNoData(panel) ? (
          <p className={classes.loading}>Loading …</p>
        ) : (
          <Drawn panel={panel} data={data} variables={own} title={title} />
        )}
      </div>
      {grab && <span className={classes.corner} aria-hidden onPointerDown={(event) => grab(event, panel.id, "size")} />}
    </section>
  );
}

/** A button in the head does what it says; only the grip moves the panel, too. */
function isPressed({ target }: PointerEvent): boolean {
  return target instanceof Element && target.closest(`.${classes.menu ?? ""}`) !== null;
}
