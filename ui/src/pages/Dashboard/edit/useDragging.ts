import { type PointerEvent as ReactPointerEvent, useCallback, useEffect, useRef, useState } from "react";
import { type Place, placeOf, withPlace } from "@/model/board/places";
import { COLUMNS } from "@/model/board/layout";
import type { Edits } from "./useEdits";

/** So far a pressed pointer may stray and still clicks. */
const STRAY_PX = 4;
/** Grid: the height of a line with its gap, and the gap. As in Dashboard.module.css. */
const [LINE_PX, GAP_PX] = [38, 8];
/** Below whatever lies in a row. */
const LINES_MAX = 100_000;
const [EDGE_PX, SCROLL_PX] = [48, 10];
/** There panels stand one below the other. */
const NARROW = "(max-width: 900px)";

export type Pull = "move" | "size";
export type Grab = (event: ReactPointerEvent, id: number, pull: Pull) => void;
/** The panel that is pulled, and where it lay in the window: its shadow follows the pointer, itself it goes from place to place. */
export interface Held {
  id: number;
  pull: Pull;
  box: DOMRect;
}

/** A panel that is pulled by its head, or by its corner. Let go of, it stays; with Esc it is as before. */
export function useDragging({ now, draftNow, show, keep }: Edits) {
  const [held, setHeld] = useState<Held | null>(null);
  const shadow = useRef<HTMLDivElement>(null);
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);
  const grab = useCallback<Grab>(
    (event, id, pull) => {
      const panel = event.currentTarget.closest("[data-panel]");
      const board = now();
      const from = placeOf(board, id);
      if (event.button !== 0 || !panel || !from || window.matchMedia(NARROW).matches) return;
      const before = draftNow();
      const box = panel.getBoundingClientRect();
      const start = { x: event.clientX, y: event.clientY };
      const offset = { x: start.x - box.left, y: start.y - box.top };
      const scroller = panel.closest("main");
      const at = { ...start };
      let place: Place = from;
      const bands = bandsOf();
      let frame = 0;
      let pulled = false;

      const follow = () => {
        const to = pull === "move" ? placeUnder(at, offset, bands, from) : sizeUnder(at, offset, box, id, from);
        if (!to || sameAs(to, place)) return;
        place = to;
        show(sameAs(to, from) ? before : withPlace(board, id, to));
      };
      // Near the edge the board goes on below the pointer.
      const scroll = () => {
        frame = requestAnimationFrame(scroll);
        const edges = scroller?.getBoundingClientRect();
        if (!pulled || !edges) return;
        const by = at.y < edges.top + EDGE_PX ? -SCROLL_PX : at.y > edges.bottom - EDGE_PX ? SCROLL_PX : 0;
        if (by === 0) return;
        scroller?.scrollBy(0, by);
        follow();
      };
      const onMove = (moved: PointerEvent) => {
        at.x = moved.clientX;
        at.y = moved.clientY;
        if (!pulled && Math.hypot(at.x - start.x, at.y - start.y) < STRAY_PX) return;
        if (!pulled) {
          setHeld({ id, pull, box });
          keepHeights(true);
        }
        pulled = true;
        if (shadow.current) shadow.current.style.translate = `${at.x - start.x}px ${at.y - start.y}px`;
        follow();
      };
      const end = (kept: boolean) => {
        stop.current?.();
        if (!pulled) return;
        if (!kept || sameAs(place, from)) show(before);
        else keep(withPlace(board, id, place), before);
        // A pull is no click on what it began or ended at.
        const swallow = (click: MouseEvent) => click.stopPropagation();
        window.addEventListener("click", swallow, { capture: true, once: true });
        setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
      };
      const onUp = () => end(true);
      const onCancel = () => end(false);
      const onKey = (key: KeyboardEvent) => {
        if (key.key !== "Escape") return;
        key.stopPropagation();
        end(false);
      };
      stop.current?.();
      window.addEventListener("pointermove", onMove);
      window.addEventListener("pointerup", onUp);
      window.addEventListener("pointercancel", onCancel);
      window.addEventListener("keydown", onKey, { capture: true });
      frame = requestAnimationFrame(scroll);
      stop.current = () => {
        cancelAnimationFrame(frame);
        window.removeEventListener("pointermove", onMove);
        window.removeEventListener("pointerup", onUp);
        window.removeEventListener("pointercancel", onCancel);
        window.removeEventListener("keydown", onKey, { capture: true });
        stop.current = undefined;
        keepHeights(false);
        setHeld(null);
      };
      event.preventDefault();
    },
    [now, draftNow, show, keep],
  );
  return { held, grab, shadow };
}

/** A row that loses the panel keeps its height, so that the rows below stay under the pointer. */
function keepHeights(kept: boolean): void {
  for (const grid of document.querySelectorAll<HTMLElement>("[data-board-grid]"))
    grid.style.minHeight = kept ? `${grid.offsetHeight}px` : "";
}

type Point = { x: number; y: number };

interface Band {
  row: number;
  top: number;
  bottom: number;
  grid: { left: number; top: number; width: number } | null;
}

/**
 * Where rows lie before anything is pulled, counted from the first one's top. A row that takes the panel grows, and one
 * below it would slip away from the pointer: so the rows count as they lay at first.
 */
function bandsOf(): Band[] {
  const origin = topOfBoard();
  return rowBoxes().map((box) => {
    const { top, bottom } = box.getBoundingClientRect();
    const grid = box.querySelector("[data-board-grid]")?.getBoundingClientRect();
    return {
      row: Number(box.dataset["boardRow"]),
      ...{ top: top - origin, bottom: bottom - origin },
      grid: grid ? { left: grid.left, top: grid.top - origin, width: grid.width } : null,
    };
  });
}

function rowBoxes(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-board-row]")];
}

function topOfBoard(): number {
  return rowBoxes()[0]?.getBoundingClientRect().top ?? 0;
}

/** In the row under the pointer, or the nearest: where the corner of the panel lies if it hangs at the pointer as it was grabbed. */
function placeUnder(at: Point, offset: Point, bands: readonly Band[], from: Place): Place | null {
  const y = at.y - topOfBoard();
  const far = ({ top, bottom }: Band) => Math.max(top - y, y - bottom, 0);
  const [near, ...others] = bands;
  if (!near) return null;
  const { row, grid } = others.reduce((best, one) => (far(one) < far(best) ? one : best), near);
  // A folded row takes it at its end.
  if (!grid) return { ...from, row, x: 0, y: LINES_MAX };
  const column = Math.round(((at.x - offset.x - grid.left) * COLUMNS) / (grid.width + GAP_PX));
  const line = Math.round((y - offset.y - grid.top) / LINE_PX);
  return { ...from, row, x: Math.min(COLUMNS - from.w, Math.max(0, column)), y: Math.max(0, line) };
}

function sizeUnder(at: Point, offset: Point, box: DOMRect, id: number, from: Place): Place | null {
  const shown = document.querySelector(`[data-panel="${id}"]`)?.getBoundingClientRect();
  const grid = document.querySelector(`[data-panel="${id}"]`)?.parentElement?.getBoundingClientRect();
  if (!shown || !grid) return null;
  const column = (grid.width + GAP_PX) / COLUMNS;
  const rest = { x: box.width - offset.x, y: box.height - offset.y };
  const w = Math.round((at.x + rest.x - shown.left + GAP_PX) / column);
  const h = Math.round((at.y + rest.y - shown.top + GAP_PX) / LINE_PX);
  return { ...from, w: Math.min(COLUMNS - from.x, Math.max(1, w)), h: Math.max(1, h) };
}

function sameAs(a: Place, b: Place): boolean {
  return a.row === b.row && a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}
