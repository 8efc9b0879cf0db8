import { type ReactNode, useEffect } from "react";
import classes from "./PageFrame.module.css";

/** The tab's title, of what has no frame. */
export function Title({ title }: { title: string }) {
  useEffect(() => {
    document.title = `${title} · Midwatch`;
  }, [title]);
  return null;
}

/** A page's heading row and body; sets the tab's title. `wide` pages fill the window and scroll inside themselves. */
export function PageFrame({
  title,
  heading,
  actions,
  wide = false,
  children,
}: {
  title: string;
  heading?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={classes.page} data-wide={wide}>
      <Title title={title} />
      <div className={classes.header}>
        <h1>{heading ?? title}</h1>
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

/** A part of a page: heading, a hairline above, no box. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className="spread">
        <h2>{title}</h2>
        {aside && <div className="small soft">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
