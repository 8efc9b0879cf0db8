import { useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { AlertEvent } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { Go } from "@/components/Go";
import { More, MoreBelow } from "@/components/More";
import { OpenedPage } from "@/components/Opened";
import { Empty, Loaded, LookFurther, NothingMatches } from "@/components/State";
import { AbsoluteTime } from "@/components/Time";
import { eventWords, tellingLabels } from "@/model/alerts";
import { changeKey, fingerprintOf } from "@/model/alertHistory";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { AlertDetail } from "../Alerts/AlertDetail";
import { AlertsViews } from "../Alerts/AlertsViews";
import { ChangeFilters } from "./ChangeFilters";
import classes from "./AlertHistory.module.css";
import { GroupChange } from "./GroupChange";
import type { AlertHistorySearch } from "./url";
import { useChanges } from "./useChanges";
import { useRuleIds } from "./useRuleIds";

const COLUMNS = [{ label: "Time" }, { label: "What happened" }, { label: "Rule" }, { label: "Labels", wideOnly: true }];
const UNFILTERED: AlertHistorySearch = { rule: undefined, matchers: undefined, kind: undefined };

/** Every change of every alert, to look through. */
export function Changes({ tabs }: { tabs: ReactNode }) {
  const search = useSearch({ strict: false }) as AlertHistorySearch;
  const change = useSearchChange<AlertHistorySearch>();
  const { pages, events } = useChanges(search);
  const rules = useRuleIds();
  const opened = useOpened(useMemo(() => events.map(changeKey), [events]));
  const event = events.find((one) => changeKey(one) === opened.id);
  const mistake = pages.error?.status === 400 ? pages.error.message : undefined;
  const filtered = search.rule !== undefined || search.matchers !== undefined || search.kind !== undefined;
  return (
    <OpenedPage
      opened={opened}
      title="Alert history"
      heading="Alerts"
      name={event?.rule ?? "Alert"}
      detail={opened.id !== undefined && <Detail id={opened.id} event={event} />}
      actions={tabs}
    >
      <AlertsViews />
      <ChangeFilters search={search} mistake={mistake} onChange={change} />
      {mistake === undefined && (
        <Loaded
          query={pages}
          what="the history"
          empty={() =>
            events.length === 0 &&
            (filtered ? (
              <NothingMatches what="changes" onClear={() => change(UNFILTERED)} more={<More rows={pages} />}>
                None of this time range has this rule, these labels and this kind. Of messages, the labels are those of
                their group.
              </NothingMatches>
            ) : (
              <Empty
                title="No changes in this time range"
                action={
                  <span className="row">
                    <More rows={pages} />
                    <LookFurther />
                  </span>
                }
              >
                Nothing began to fire, nothing ended, nobody was told.
              </Empty>
            ))
          }
        >
          {() => (
            <LongTable
              label="Changes of alerts"
              what={["change", "changes"]}
              items={events}
              columns={COLUMNS}
              current={opened.at}
              more={pages.hasNextPage && <MoreBelow rows={pages} />}
              row={(one) => (
                <Row
                  key={one.id}
                  event={one}
                  ruleId={rules.get(one.rule)}
                  current={changeKey(one) === opened.current}
                  onOpen={() => opened.open(changeKey(one))}
                />
              )}
            />
          )}
        </Loaded>
      )}
    </OpenedPage>
  );
}

function Row(props: { event: AlertEvent; ruleId: string | undefined; current: boolean; onOpen: () => void }) {
  const { event } = props;
  const labels = tellingLabels(event.labels)
    .map((pair) => pair.join("="))
    .join("  ");
  return (
    <tr className={classes.change} data-current={props.current} onClick={props.onOpen}>
      <td className={classes.time}>
        <AbsoluteTime time={event.at} />
      </td>
      <td className={classes.words}>
        <button type="button" className={`row-open ${classes.open}`} data-kind={event.kind}>
          {eventWords(event)}
        </button>
        {event.comment && <span className="soft">: {event.comment}</span>}
      </td>
      <td className={classes.words}>
        {props.ruleId === undefined ? (
          event.rule
        ) : (
          <Go
            to="/alerts/rules/$id"
            params={{ id: props.ruleId }}
            onClick={(clicked) => clicked.stopPropagation()}
            title="To the rule"
          >
            {event.rule}
          </Go>
        )}
      </td>
      <td className={`wide-only mono soft truncate ${classes.labels}`} title={labels}>
        {labels}
      </td>
    </tr>
  );
}

function Detail({ id, event }: { id: string; event: AlertEvent | undefined }) {
  const fingerprint = fingerprintOf(id);
  if (fingerprint) return <AlertDetail key={fingerprint} fingerprint={fingerprint} />;
  return event ? (
    <GroupChange event={event} />
  ) : (
    <Empty title="Cannot find the change">It is not in the list: choose a time range and filters that have it.</Empty>
  );
}
