import { type RefObject, useEffect } from "react";

/** Brings the row that the keys are on into sight, in a list of rows of one height; a row further off comes to the middle. */
export function useRowInSight(box: RefObject<HTMLElement | null>, index: number, height: number): void {
  useEffect(() => {
    const list = box.current;
    if (!list || index < 0) return;
    const [top, bottom] = [index * height, (index + 1) * height];
    const [above, below] = [list.scrollTop - top, bottom - list.scrollTop - list.clientHeight];
    if (above <= 0 && below <= 0) return;
    if (Math.max(above, below) > list.clientHeight) list.scrollTop = top - (list.clientHeight - height) / 2;
    else list.scrollTop += above > 0 ? -above : below;
  }, [box, index, height]);
}
