import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { HealthMark } from "@/components/HealthMark";
import classes from "./Home.module.css";
import type { Concern, Verdict } from "./verdict";

const CONCERNS_SHOWN_MAX = 8;

export function VerdictLine({ verdict }: { verdict: Verdict }) {
  const shown = verdict.concerns.slice(0, CONCERNS_SHOWN_MAX);
  return (
    <div className={classes.verdict} data-tone={verdict.tone}>
      <p className={classes.headline} role="status">
        <HealthMark health={verdict.tone} size={24} />
        {verdict.headline}
      </p>
      {shown.length > 0 && (
        <ul className={classes.concerns}>
          {shown.map((concern, at) => (
            <li key={at}>
              <ConcernLink concern={concern} />
            </li>
          ))}
          {verdict.concerns.length > shown.length && (
            <li>
              <Link to="/services" search={{ sort: "errors" } as never}>
                and {verdict.concerns.length - shown.length} more
                <IconChevronRight size={14} aria-hidden />
              </Link>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

function ConcernLink({ concern }: { concern: Concern }) {
  const inside = (
    <>
      <HealthMark health={concern.tone} />
      <span>{concern.text}</span>
      <IconChevronRight size={14} aria-hidden />
    </>
  );
  const { to } = concern;
  if (to.page === "alert")
    return (
      <Link to="/alerts" search={{ open: to.fingerprint }}>
        {inside}
      </Link>
    );
  if (to.page === "service")
    return (
      <Link to="/services/$name" params={{ name: to.name }}>
        {inside}
      </Link>
    );
  return (
    <Link to="/settings" search={{ tab: to.tab }}>
      {inside}
    </Link>
  );
}
