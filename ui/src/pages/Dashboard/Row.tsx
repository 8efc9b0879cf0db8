import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { Dashboard } from "@/api/types";
import { plural } from "@/lib/format";
import { interpolate, type Variables } from "@/model/board/interpolation";
import type { PlacedRow } from "@/model/board/layout";
import { hasHeading, withRow } from "@/model/board/rows";
import classes from "./Dashboard.module.css";
import { RowTools } from "./edit/RowTools";
import type { Grab } from "./edit/useDragging";
import { PanelBox } from "./PanelBox";
import type { PanelActions } from "./PanelMenu";

/** While the board is laid out. */
export interface Arranging {
  board: Dashboard;
  onChange: (board: Dashboard) => void;
  onAdd: (row: number) => void;
  grab: Grab;
}

/** Panels under their heading, which folds them away. */
export function Row({
  placed,
  open,
  onOpen,
  placing,
  arranging,
  ...drawn
}: {
  placed: PlacedRow;
  open: boolean;
  onOpen: (open: boolean) => void;
  placing: number | undefined;
  arranging: Arranging | undefined;
  variables: Variables;
  filters: string;
  startMs: number;
  endMs: number;
  actions?: PanelActions | undefined;
}) {
  const { row, at, panels, scope } = placed;
  const shown = interpolate(row.title ?? "", { ...drawn.variables, ...scope }, "text") || "Row";
  const Icon = open ? IconChevronDown : IconChevronRight;
  const laid = placed.first ? arranging : undefined;
  const toggle = () => {
    onOpen(!open);
    laid?.onChange(withRow(laid.board, at, { collapsed: open }));
  };
  const count = !open && <span className="soft small">{plural(panels.length, "panel")}</span>;
  return (
    <div className={classes.rowBox} data-board-row={at}>
      {hasHeading(row) &&
        (laid ? (
          <div className={classes.rowHead} role="group" aria-label={`Row ${shown}`}>
            <button
              type="button"
              className={classes.fold}
              aria-expanded={open}
              aria-label={`Fold ${shown}`}
              onClick={toggle}
            >
              <Icon size={16} aria-hidden />
            </button>
            <RowTools row={row} at={at} shown={shown} {...laid} />
            {count}
          </div>
        ) : (
          <button type="button" className={classes.row} aria-expanded={open} onClick={toggle}>
            <Icon size={16} aria-hidden />
            {shown}
            {count}
          </button>
        ))}
      {open && (
        <div className={classes.grid} data-board-grid data-laid={laid !== undefined}>
          {laid && panels.length === 0 && <p className={classes.bare}>No panels here: drag some in</p>}
          {panels.map((one) => (
            <PanelBox
              key={one.key}
              placed={one}
              placing={one.first && one.panel.id === placing}
              grab={one.first ? laid?.grab : undefined}
              {...drawn}
            />
          ))}
        </div>
      )}
    </div>
  );
}
