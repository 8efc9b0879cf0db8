import { useEffect, useRef } from "react";

/** `j`/`k` and the arrows walk a list, Enter opens, left and right fold where the list is a tree. `current` is -1 when nothing is picked yet. */
export function useListKeys(list: {
  count: number;
  current: number;
  onMove: (index: number) => void;
  onOpen: (index: number) => void;
  onFold?: (index: number, closed: boolean) => void;
}): void {
  const latest = useRef(list);
  latest.current = list;
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const { count, current, onMove, onOpen, onFold } = latest.current;
      const target = event.target;
      const busy =
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        event.defaultPrevented ||
        document.querySelector("[role=dialog]");
      if (busy || count === 0) return;
      // A choice among a few takes the arrows alone.
      const choosing =
        target instanceof HTMLElement && target.matches("input[type=radio]") && !event.key.startsWith("Arrow");
      if (
        target instanceof HTMLElement &&
        !choosing &&
        target.closest("input, textarea, select, [contenteditable=true], [role=tablist]")
      )
        return;
      const step =
        event.key === "j" || event.key === "ArrowDown" ? 1 : event.key === "k" || event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        // Enter means the row from here on, and no more the button or link before it.
        if (target instanceof HTMLElement && target.matches("a, button")) target.blur();
        onMove(Math.min(count - 1, Math.max(0, current + step)));
      } else if (onFold && current >= 0 && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
        event.preventDefault();
        onFold(current, event.key === "ArrowLeft");
      } else if (
        event.key === "Enter" &&
        current >= 0 &&
        !(target instanceof HTMLElement && target.closest("a, button"))
      ) {
        event.preventDefault();
        onOpen(current);
      }
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
