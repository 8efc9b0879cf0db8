import { CloseButton } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { type ReactNode, useEffect, useRef } from "react";
import classes from "./Drawer.module.css";

/**
 * Details over a list. The caller keeps what is open in the URL. The list underneath stays usable:
 * the drawer is no modal; Esc closes it and gives the focus back. `beside`: where there is room it stands
 * next to what it is about, in the caller's flex row, and covers nothing.
 */
export function Drawer({
  title,
  actions,
  onClose,
  children,
  width = 560,
  beside = false,
}: {
  title: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
  width?: number;
  beside?: boolean;
}) {
  const panel = useRef<HTMLElement>(null);
  useWindowEvent("keydown", (event) => {
    const writing = event.target instanceof HTMLElement && event.target.matches("textarea, input:not([type=radio])");
    // A dialog above it takes the key for itself.
    const busy = writing || document.querySelector("[role=dialog]") !== null;
    if (event.key === "Escape" && !event.defaultPrevented && !busy) onClose();
  });
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside
      ref={panel}
      className={classes.drawer}
      data-beside={beside}
      style={{ width }}
      tabIndex={-1}
      aria-label="Details"
    >
      <header className={classes.header}>
        <h2 className="truncate">{title}</h2>
        <div className="row">
          {actions}
          <CloseButton onClick={onClose} aria-label="Close details" title="Close (Esc)" />
        </div>
      </header>
      <div className={classes.body}>{children}</div>
    </aside>
  );
}
