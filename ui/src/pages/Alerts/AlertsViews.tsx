import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import classes from "./AlertsViews.module.css";
import { ALERT_VIEWS } from "./views";

/** Above every page of the Alerts area: where one can go in it. */
export function AlertsViews() {
  useEffect(() => {
    // On a phone the row scrolls: where one is stays in sight.
    document
      .querySelector("[data-alert-views] [aria-current=page]")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  return (
    <nav className={classes.views} aria-label="Alerts" data-alert-views>
      {ALERT_VIEWS.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/alerts", includeSearch: false }}
          className={classes.view}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
