import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import classes from "./AreaViews.module.css";

/** Above every page of an area: where one can go in it. The first view's address is where the others' begin, or stands alone. */
export function AreaViews({ label, views }: { label: string; views: readonly { to: string; label: string }[] }) {
  useEffect(() => {
    // On a phone the row scrolls: where one is stays in sight.
    document
      .querySelector("[data-area-views] [aria-current=page]")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  return (
    <nav className={classes.views} aria-label={label} data-area-views>
      {views.map(({ to, label: name }, at) => (
        <Link key={to} to={to} activeOptions={{ exact: at === 0, includeSearch: false }} className={classes.view}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
