import { ActionIcon, Button, Select } from "@mantine/core";
import {
  IconArrowAutofitDown,
  IconArrowAutofitUp,
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconArrowsDiff,
  IconArrowsHorizontal,
} from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { Dashboard } from "@/api/types";
import { panelOf } from "@/model/board/editing";
import { type By, placeOf, withMove, withRowOf } from "@/model/board/places";
import { hasHeading } from "@/model/board/rows";
import classes from "./Dashboard.module.css";

const KEYS: Record<string, [move: By, size: By]> = {
  ArrowLeft: [{ x: -1 }, { w: -1 }],
  ArrowRight: [{ x: 1 }, { w: 1 }],
  ArrowUp: [{ y: -1 }, { h: -1 }],
  ArrowDown: [{ y: 1 }, { h: 1 }],
};
const STEPS: readonly (readonly [label: string, icon: typeof IconArrowUp, by: By])[] = [
  ["Left", IconArrowLeft, { x: -1 }],
  ["Right", IconArrowRight, { x: 1 }],
  ["Up", IconArrowUp, { y: -1 }],
  ["Down", IconArrowDown, { y: 1 }],
  ["Narrower", IconArrowsDiff, { w: -1 }],
  ["Wider", IconArrowsHorizontal, { w: 1 }],
  ["Shorter", IconArrowAutofitUp, { h: -1 }],
  ["Taller", IconArrowAutofitDown, { h: 1 }],
];

/** Moves and resizes a panel by keys: arrows, with Shift its size; the same as buttons. Enter keeps it there, Esc puts it back. */
export function Placing(props: {
  board: Dashboard;
  id: number;
  onChange: (board: Dashboard) => void;
  onDone: () => void;
  onCancel: () => void;
}) {
  const { board, id, onChange, onDone, onCancel } = props;
  const bar = useRef<HTMLDivElement>(null);
  const place = placeOf(board, id);
  useEffect(() => bar.current?.focus(), [id]);
  useEffect(() => {
    document.querySelector(`[data-panel="${id}"]`)?.scrollIntoView({ block: "nearest" });
  }, [id, place?.row, place?.y, place?.h]);
  if (!place) return null;
  const title = panelOf(board, id)?.title || "the panel";
  const rows = board.rows ?? [];
  const move = (by: By) => onChange(withMove(board, id, by));
  return (
    <div
      ref={bar}
      className={classes.placing}
      role="toolbar"
      aria-label={`Place of ${title}`}
      tabIndex={-1}
      onKeyDown={(event) => {
        const onBar = event.target === bar.current || event.target instanceof HTMLButtonElement;
        const found = onBar ? KEYS[event.key] : undefined;
        if (found) move(found[event.shiftKey ? 1 : 0]);
        else if (event.key === "Escape" && onBar) onCancel();
        else if (event.key === "Enter" && event.target === bar.current) onDone();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <b className="truncate">{title}</b>
      <span className={classes.steps}>
        {STEPS.map(([label, Icon, by]) => (
          <ActionIcon key={label} variant="default" aria-label={label} title={label} onClick={() => move(by)}>
            <Icon size={15} />
          </ActionIcon>
        ))}
      </span>
      {rows.length > 1 && (
        <Select
          w={150}
          aria-label="Row"
          data={rows.map((row, at) => ({
            value: String(at),
            label: hasHeading(row) ? row.title || "Row" : "Above all rows",
          }))}
          allowDeselect={false}
          value={String(place.row)}
          onChange={(at) => at !== null && onChange(withRowOf(board, id, Number(at)))}
        />
      )}
      <span className="small soft" role="status">
        column {place.x + 1}, line {place.y + 1}, {place.w} × {place.h}
      </span>
      <span className={classes.placingEnd}>
        <Button variant="default" onClick={onCancel} title="Esc">
          Put back
        </Button>
        <Button onClick={onDone} title="Enter">
          Keep here
        </Button>
      </span>
      <span className={`small soft ${classes.placingKeys}`}>Arrow keys move, with Shift they resize</span>
    </div>
  );
}
