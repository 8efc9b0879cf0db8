import { Tooltip } from "@mantine/core";
import { IconHelp, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import { setPreference } from "@/state/preferences";
import { isWithin, PLACES } from "./nav";
import classes from "./Shell.module.css";

export function Rail({ open, onGo }: { open: boolean; onGo?: () => void }) {
  const pathname = useLocation({ select: (location) => location.pathname });
  return (
    <nav
      className={classes.rail}
      data-open={open}
      data-inside={onGo !== undefined}
      aria-label={onGo ? "All places" : "Main"}
    >
      {!onGo && (
        <Link to="/" className={classes.brand} aria-label="Midwatch, home">
          <img src="/favicon.svg" width={24} height={24} alt="" />
          {open && <span>Midwatch</span>}
        </Link>
      )}
      <ul>
        {PLACES.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Tooltip label={label} position="right" disabled={open}>
              <Link
                to={to}
                className={classes.place}
                activeOptions={{ exact: to === "/", includeSearch: false }}
                data-within={isWithin(to, pathname)}
                aria-label={open ? undefined : label}
                onClick={onGo}
              >
                <Icon size={18} stroke={1.6} aria-hidden />
                {open && <span>{label}</span>}
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      <Tooltip label="Documentation" position="right" disabled={open}>
        <a
          className={classes.place}
          href="/docs"
          target="_blank"
          rel="noreferrer"
          aria-label={open ? undefined : "Documentation"}
        >
          <IconHelp size={18} stroke={1.6} aria-hidden />
          {open && <span>Documentation</span>}
        </a>
      </Tooltip>
      {!onGo && (
        <button
          type="button"
          className={classes.fold}
          onClick={() => setPreference("railOpen", !open)}
          aria-label={open ? "Fold the navigation" : "Unfold the navigation"}
        >
          {open ? (
            <IconLayoutSidebarLeftCollapse size={18} stroke={1.6} />
          ) : (
            <IconLayoutSidebarLeftExpand size={18} stroke={1.6} />
          )}
          {open && <span>Fold</span>}
        </button>
      )}
    </nav>
  );
}
