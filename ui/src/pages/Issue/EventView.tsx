import { Button, SegmentedControl } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import type { EventDetail, IssueDetail } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { LookFurther, Loaded, Notice, SkeletonRows } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { formatExact } from "@/lib/format";
import { messageOf, problemsOf, thrownOf, threadsOf, unreadStack } from "@/model/errors/event";
import { useScope } from "@/state/scope";
import { useSearchChange } from "@/state/useOpened";
import { Attachments } from "./Attachments";
import { Contexts } from "./Contexts";
import { Crumbs } from "./Crumbs";
import { EventFactList } from "./EventFactList";
import classes from "./Issue.module.css";
import { Related } from "./Related";
import { Stack } from "./Stack";
import type { IssueSearch } from "./url";
import { KEYWORDS, useEvent } from "./useEvent";

const WORDS: Record<(typeof KEYWORDS)[number], string> = {
  recommended: "Recommended",
  latest: "Newest",
  oldest: "Oldest",
};

/** One event of the issue, and the way to its others. */
export function EventView({ detail }: { detail: IssueDetail }) {
  const { event: which = "recommended" } = useSearch({ strict: false }) as IssueSearch;
  const change = useSearchChange<IssueSearch>();
  const { query, elsewhere } = useEvent(detail.issue, which);
  const go = (next: string) => change({ event: next === "recommended" ? undefined : next }, true);
  const named = KEYWORDS.find((one) => one === which);
  const { earlier = "", later = "" } = query.data ?? {};
  return (
    <>
      <div className={classes.navigator}>
        <SegmentedControl
          aria-label="Which event"
          value={named ?? ""}
          onChange={go}
          data={KEYWORDS.map((value) => ({ value, label: WORDS[value] }))}
        />
        <Button.Group>
          <Button variant="default" px={8} aria-label="Event before" disabled={!earlier} onClick={() => go(earlier)}>
            <IconChevronLeft size={14} aria-hidden />
          </Button>
          <Button variant="default" px={8} aria-label="Event after" disabled={!later} onClick={() => go(later)}>
            <IconChevronRight size={14} aria-hidden />
          </Button>
        </Button.Group>
        {query.data && (
          <span className="small">
            <RelativeTime time={query.data.facts.time} /> · <AbsoluteTime time={query.data.facts.time} />
          </span>
        )}
        {query.data && <CopyId id={query.data.facts.event_id} label="event id" />}
      </div>
      {elsewhere && query.data && <Elsewhere issue={detail.issue} />}
      <Loaded query={query} what="an event of this issue" skeleton={<SkeletonRows rows={10} />}>
        {(found) => <Shown key={found.facts.event_id} found={found} detail={detail} />}
      </Loaded>
    </>
  );
}

function Elsewhere({ issue }: { issue: IssueDetail["issue"] }) {
  const { setRange } = useScope();
  return (
    <Notice>
      <span className="row" style={{ flexWrap: "wrap" }}>
        This event is not of the chosen time range.
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => setRange({ start: new Date(Date.parse(issue.first_seen) - 60_000).toISOString(), end: "now" })}
        >
          Choose the time since it was first seen
        </Button>
        <LookFurther />
      </span>
    </Notice>
  );
}

function Shown({ found, detail }: { found: EventDetail; detail: IssueDetail }) {
  const { facts } = found;
  const event = found.event ?? {};
  const problems = problemsOf(event);
  const message = messageOf(event);
  const unread = unreadStack(event);
  return (
    <div>
      {found.event === null && (
        <Notice>
          This event was counted, and what it carried is not kept: more of its issue came in a minute than the plan’s
          limits take whole. Recommended shows one that is whole, if there is one.
        </Notice>
      )}
      {facts.weight > 1 && (
        <p className="small soft">Sampled: it stands for {formatExact(Math.round(facts.weight))} events.</p>
      )}
      {problems.length > 0 && (
        <Notice tone="warning">
          <ul className={classes.problems} aria-label="What went wrong with the event">
            {problems.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Notice>
      )}
      <EventFactList facts={facts} />
      <Stack thrown={thrownOf(event)} threads={threadsOf(event)} facts={facts} unread={unread} />
      {message && (
        <section aria-label="Message">
          <h3>Message</h3>
          <pre className={classes.text}>{message}</pre>
        </section>
      )}
      <Crumbs event={event} at={facts.time} />
      <Related found={found} detail={detail} />
      <Contexts event={event} />
      <Attachments found={found} />
    </div>
  );
}
