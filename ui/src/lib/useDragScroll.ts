import { type PointerEvent, type RefObject, useRef } from "react";

const STEP_MIN = 4;

/** A mouse pulls what is larger than its box; a finger does so anyway. A pull is no click. */
export function useDragScroll(box: RefObject<HTMLElement | null>) {
  const from = useRef<{ x: number; y: number; left: number; top: number } | null>(null);
  const pulled = useRef(false);
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType !== "mouse" || event.button !== 0 || !box.current) return;
      pulled.current = false;
      from.current = { x: event.clientX, y: event.clientY, left: box.current.scrollLeft, top: box.current.scrollTop };
    },
    onPointerMove(event: PointerEvent) {
      if (!from.current || !box.current) return;
      const [right, down] = [event.clientX - from.current.x, event.clientY - from.current.y];
      if (Math.hypot(right, down) >= STEP_MIN) pulled.current = true;
      if (pulled.current) box.current.scrollTo(from.current.left - right, from.current.top - down);
    },
    onPointerUp() {
      from.current = null;
    },
    onPointerLeave() {
      from.current = null;
    },
    onClickCapture(event: { preventDefault: () => void; stopPropagation: () => void }) {
      if (!pulled.current) return;
      pulled.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
