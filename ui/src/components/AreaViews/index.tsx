import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Go } from "../Go";
import classes from "./AreaViews.module.css";

/** Above every page of an area: where one can go in it. The first view's address is where the others' begin, or stands alone. */
export function AreaViews({ label, views }: { label: string; views: readonly { to: string; label: string }[] }) {
  return (
    <Row label={label}>
      {views.map(({ to, label: name }, at) => (
        <Link key={to} to={to} activeOptions={{ exact: at === 0, includeSearch: false }} className={classes.view}>
          {name}
        </Link>
      ))}
    </Row>
  );
}

/** The same above the parts of one page, each of which is its `tab`. */
export function TabViews<Tab extends string>(props: {
  label: string;
  to: string;
  tabs: readonly Tab[];
  names: Readonly<Record<Tab, string>>;
  current: Tab;
}) {
  const { label, to, tabs, names, current } = props;
  return (
    <Row key={current} label={label}>
      {tabs.map((tab) => (
        <Go
          key={tab}
          to={to}
          search={{ tab }}
          className={classes.view}
          aria-current={tab === current ? "page" : undefined}
        >
          {names[tab]}
        </Go>
      ))}
    </Row>
  );
}

/** On a phone it scrolls: where one is stays in sight. */
function Row({ label, children }: { label: string; children: React.ReactNode }) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    row.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  return (
    <nav ref={row} className={classes.views} aria-label={label}>
      {children}
    </nav>
  );
}
