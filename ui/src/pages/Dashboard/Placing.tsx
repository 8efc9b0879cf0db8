import { ActionIcon, Button } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconArrowsHorizontal,
  IconArrowsVertical,
  IconMinus,
} from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import classes from "./Dashboard.module.css";

export type By = { x?: number; y?: number; w?: number; h?: number };
const KEYS: Record<string, [move: By, size: By]> = {
  ArrowLeft: [{ x: -1 }, { w: -1 }],
  ArrowRight: [{ x: 1 }, { w: 1 }],
  ArrowUp: [{ y: -1 }, { h: -1 }],
  ArrowDown: [{ y: 1 }, { h: 1 }],
};

/** Moves and resizes a panel: arrow keys, with Shift its size; the same as buttons. Enter or Esc ends it. */
export function Placing({ title, onMove, onDone }: { title: string; onMove: (by: By) => void; onDone: () => void }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => bar.current?.focus(), []);
  const step = (label: string, Icon: typeof IconMinus, by: By) => (
    <ActionIcon size="sm" variant="default" aria-label={label} title={label} onClick={() => onMove(by)}>
      <Icon size={13} />
    </ActionIcon>
  );
  return (
    <div
      ref={bar}
      className={classes.placing}
      role="toolbar"
      aria-label={`Place of ${title || "the panel"}`}
      tabIndex={-1}
      onKeyDown={(event) => {
        const found = KEYS[event.key];
        if (found) onMove(found[event.shiftKey ? 1 : 0]);
        else if (event.key === "Escape" || (event.key === "Enter" && event.target === bar.current)) onDone();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {step("Left", IconArrowLeft, { x: -1 })}
      {step("Right", IconArrowRight, { x: 1 })}
      {step("Up", IconArrowUp, { y: -1 })}
      {step("Down", IconArrowDown, { y: 1 })}
      {step("Narrower", IconMinus, { w: -1 })}
      {step("Wider", IconArrowsHorizontal, { w: 1 })}
      {step("Shorter", IconMinus, { h: -1 })}
      {step("Taller", IconArrowsVertical, { h: 1 })}
      <Button size="compact-xs" onClick={onDone}>
        Done
      </Button>
      <span className="small soft">Arrow keys move, with Shift they resize</span>
    </div>
  );
}
