import { Select } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useScopedApi } from "@/api/queries";
import type { FlagList, FlagResult, PersonList } from "@/api/types";
import { Section } from "@/components/PageFrame";
import { Empty, Loaded, LookFurther, Notice } from "@/components/State";
import { formatCount, formatExact, formatShare, plural } from "@/lib/format";
import { readRef, valueText } from "@/model/analytics";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Analytics.module.css";
import { Bar } from "./Bar";
import { EventPicker } from "./EventPicker";
import { Behind } from "./People";
import { ANSWERED, type AnalyticsSearch } from "./url";

/** By value of a feature flag: who had it, and who of them used what it switches. */
export function Features() {
  const { flag, event = "" } = useSearch({ strict: false }) as AnalyticsSearch;
  const change = useSearchChange<AnalyticsSearch>();
  const flags = useScopedApi<FlagList>("analytics/flags");
  return (
    <Loaded
      query={flags}
      what="the flags"
      empty={(data) =>
        data.flags.length === 0 &&
        !flag && (
          <Empty title="No feature flags in this time range" action={<LookFurther />}>
            No event carries one. PostHog&apos;s SDKs put flags into events as <code>$feature/name</code>. With flags
            from elsewhere, say so yourself:{" "}
            <code>
              posthog.register({"{"} &quot;$feature/new-checkout&quot;: &quot;on&quot; {"}"})
            </code>
            .
          </Empty>
        )
      }
    >
      {(data) => (
        <>
          <div className={classes.question}>
            <Select
              className={classes.flag}
              label="Flag"
              placeholder="Choose a flag"
              searchable
              data={data.flags.map((one) => ({
                value: one.name,
                label: `${one.name} (${plural(one.persons, "person", "people")})`,
              }))}
              value={flag ?? null}
              onChange={(next) => change({ flag: next ?? undefined, ...ANSWERED })}
            />
            <EventPicker
              label="What using it means"
              value={event}
              onChange={(next) => change({ event: next || undefined, ...ANSWERED })}
            />
          </div>
          {flag && event ? (
            <Usage key={flag} flag={flag} event={event} />
          ) : (
            <Empty title={flag ? "Choose an event" : "Choose a flag"}>
              {flag ? "The event that says that somebody used it." : "And the event that says that somebody used it."}
            </Empty>
          )}
        </>
      )}
    </Loaded>
  );
}

function Usage({ flag, event }: { flag: string; event: string }) {
  const { behind, value } = useSearch({ strict: false }) as AnalyticsSearch;
  const change = useSearchChange<AnalyticsSearch>();
  const ref = readRef(event);
  const query = useScopedApi<FlagResult>("analytics/features", {
    flag,
    ...{ event: ref.event, query: ref.query, source: ref.source },
  });
  const most = Math.max(0.0001, ...(query.data?.values ?? []).map((one) => one.share ?? 0));
  return (
    <>
      <Loaded
        query={query}
        what="its usage"
        empty={(data) =>
          data.values.length === 0 && <Empty title="Nobody had this flag in this time range" action={<LookFurther />} />
        }
      >
        {(data) => (
          <Section title={`“${ref.event}” by value of ${flag}`}>
            {data.changed > 0 && (
              <Notice>
                {plural(data.changed, "person", "people")} had more than one value: each counts where the last event put
                them.
              </Notice>
            )}
            <div className="table-wrap" tabIndex={0} role="region" aria-label="Usage by value">
              <table className="dense">
                <thead>
                  <tr>
                    <th>Value</th>
                    <th className="num">Had it</th>
                    <th className="num">Used it</th>
                    <th className="num wide-only">Uses</th>
                    <th className="wide-only" />
                    <th className="num">Share</th>
                  </tr>
                </thead>
                <tbody>
                  {data.values.map((one) => (
                    <tr key={one.value}>
                      <td>{valueText(one.value, false)}</td>
                      <td className="num">
                        <button
                          type="button"
                          className={classes.figure}
                          title={`${formatExact(one.persons)} people: show who they are`}
                          onClick={() => change({ ...ANSWERED, behind: "had", value: one.value })}
                        >
                          {formatCount(one.persons)}
                        </button>
                      </td>
                      <td className="num">{formatCount(one.used)}</td>
                      <td className="num wide-only">{formatCount(one.uses)}</td>
                      <td className={`wide-only ${classes.barCell}`}>
                        <Bar share={(one.share ?? 0) / most} />
                      </td>
                      <td className="num">
                        <b>{formatShare(one.share)}</b>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </Section>
        )}
      </Loaded>
      {behind === "had" && <Had flag={flag} value={value ?? ""} />}
    </>
  );
}

function Had({ flag, value }: { flag: string; value: string }) {
  const query = useScopedApi<PersonList>("analytics/people", { breakdown: `flag.${flag}`, value });
  return <Behind query={query} title={`${flag} was ${valueText(value, false)}`} />;
}
