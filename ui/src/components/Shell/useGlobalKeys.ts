import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { PLACES } from "./nav";

/** After `g` the next letter counts this long. */
export const GO_MS = 1200;

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) ||
      target.closest(".cm-editor") !== null)
  );
}

/** `/` puts the cursor into the page's search: the field marked `data-search`. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLElement>(
    "[data-search] .cm-content, input[data-search], [data-search] input",
  );
  field?.focus();
  return field !== null;
}

export function useGlobalKeys(acts: { openPalette: () => void; openHelp: () => void; openRange: () => void }): void {
  const navigate = useNavigate();
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    let goUntil = 0;
    function onKey(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        latest.current.openPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.key === "Escape" && event.target instanceof HTMLInputElement && event.target.matches("[data-search]"))
        event.target.blur();
      if (isTyping(event.target)) return;
      if (document.querySelector("[role=dialog]")) return;
      if (event.timeStamp < goUntil) {
        goUntil = 0;
        const place = PLACES.find((one) => one.key === event.key);
        if (place) {
          event.preventDefault();
          void navigate({ to: place.to });
        }
        return;
      }
      if (event.key === "g") goUntil = event.timeStamp + GO_MS;
      else if (event.key === "t") latest.current.openRange();
      else if (event.key === "?") latest.current.openHelp();
      else if (event.key === "/") {
        if (!focusSearch()) latest.current.openPalette();
      } else return;
      event.preventDefault();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate]);
}
