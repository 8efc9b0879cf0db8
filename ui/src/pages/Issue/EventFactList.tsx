import type { EventFacts } from "@/api/types";
import { type Fact, FactList } from "@/components/FactList";
import { Go } from "@/components/Go";
import classes from "./Issue.module.css";

const SOURCES: Record<EventFacts["source"], string> = {
  sentry: "a Sentry SDK",
  span: "an exception on a span",
  log: "a log record",
  browser: "a browser’s report",
};

/** What is known of the event at a glance; its tags lead to the events that have them. */
export function EventFactList({ facts }: { facts: EventFacts }) {
  const shown: Fact[] = [
    ["Environment", facts.environment],
    [
      "Release",
      facts.release && (
        <Go to="/releases" search={{ open: facts.release }}>
          {facts.release}
        </Go>
      ),
    ],
    ["Transaction", facts.transaction],
    ["Page", facts.url],
    ["User", facts.user],
    ["Browser", facts.browser],
    ["System", [facts.os, facts.device].filter(Boolean).join(", ")],
    ["Runtime", facts.runtime],
    ["Server", facts.server_name],
    ["Handled", facts.handled ? "yes" : <span className="warning">no</span>],
    ["Mechanism", facts.mechanism],
    ["Logger", facts.logger],
    ["Told by", [SOURCES[facts.source], facts.sdk].filter(Boolean).join(": ")],
  ];
  const tags = Object.entries(facts.tags);
  return (
    <>
      <FactList facts={shown} />
      {tags.length > 0 && (
        <ul className={classes.tags} aria-label="Tags">
          {tags.map(([name, value]) => (
            <li key={name}>
              <Go
                to="."
                search={((before: object) => ({ ...before, tab: "events", tag: [`${name}:${value}`] })) as never}
                title="Events that have it"
              >
                <span className="soft">{name}</span> {value}
              </Go>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
