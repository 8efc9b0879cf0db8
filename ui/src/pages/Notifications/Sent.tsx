import { Pill, Select } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useApi } from "@/api/queries";
import type { AlertDetail, NotificationSummary } from "@/api/types";
import { Go } from "@/components/Go";
import { ListBar, StateFilter } from "@/components/ListBar";
import { LongTable } from "@/components/LongTable";
import { MoreBelow } from "@/components/More";
import { OpenedPage } from "@/components/Opened";
import { Empty, Loaded, NoneOfThese } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact } from "@/lib/format";
import { countsText, groupName, NOTIFICATION_STATES, type NotificationState, reasonWords } from "@/model/notifications";
import { CLOSED, useOpened, useSearchChange } from "@/state/useOpened";
import { StateMark } from "../Alerts/StateMark";
import { NotificationDetail } from "./NotificationDetail";
import { NoReceivers } from "./Receivers";
import classes from "./Notifications.module.css";
import type { NotificationsSearch } from "./url";
import { useSent } from "./useSent";

const COLUMNS = [
  { label: "State" },
  { label: "About" },
  { label: "To", wideOnly: true },
  { label: "Alerts", wideOnly: true },
  { label: "Attempts", numeric: true, wideOnly: true },
  { label: "Time" },
];
const WORDS: Record<NotificationState, string> = {
  delivered: "Delivered",
  failed: "Failed",
  pending: "Pending",
  superseded: "Superseded",
  dropped: "Dropped",
};
const UNFILTERED: NotificationsSearch = { receiver: undefined, state: undefined, alert: undefined };
const REMOVE = { "aria-label": "Of every alert", "aria-hidden": false, tabIndex: 0 };

/** What was sent, or is to be: newest first, and each with what was asked and answered. */
export function Sent(props: { receivers: readonly string[]; actions: ReactNode; children: ReactNode }) {
  const search = useSearch({ strict: false }) as NotificationsSearch;
  const change = useSearchChange<NotificationsSearch>();
  const { pages, notifications } = useSent(search);
  const opened = useOpened(useMemo(() => notifications.map((one) => one.id), [notifications]));
  const known = notifications.find((one) => one.id === opened.id);
  const filtered = search.receiver !== undefined || search.state !== undefined || search.alert !== undefined;
  return (
    <OpenedPage
      opened={opened}
      title="Notifications"
      heading="Alerts"
      actions={props.actions}
      name={known ? `${groupName(known.group_key)} to ${known.receiver}` : "Notification"}
      detail={opened.id && <NotificationDetail key={opened.id} id={opened.id} onOther={opened.open} />}
    >
      {props.children}
      <Filters receivers={props.receivers} search={search} onChange={(part) => change({ ...part, ...CLOSED })} />
      <Loaded
        query={pages}
        what="the notifications"
        empty={() =>
          notifications.length === 0 &&
          (filtered ? (
            <NoneOfThese what="notifications" onAll={() => change(UNFILTERED)}>
              None went to this receiver, is in this state and tells of this alert. They are kept for 400 days.
            </NoneOfThese>
          ) : (
            <NothingSent any={props.receivers.length > 0} />
          ))
        }
      >
        {() => (
          <LongTable
            label="Notifications"
            what={["notification", "notifications"]}
            items={notifications}
            columns={COLUMNS}
            current={opened.at}
            row={(one) => (
              <Row
                key={one.id}
                notification={one}
                current={one.id === opened.current}
                onOpen={() => opened.open(one.id)}
              />
            )}
            more={pages.hasNextPage && <MoreBelow rows={pages} />}
          />
        )}
      </Loaded>
    </OpenedPage>
  );
}

function Filters(props: {
  receivers: readonly string[];
  search: NotificationsSearch;
  onChange: (part: NotificationsSearch) => void;
}) {
  const { search, onChange } = props;
  const { receiver, state, alert } = search;
  // One that is in the configuration no more can still be asked for.
  const names =
    receiver === undefined || props.receivers.includes(receiver) ? props.receivers : [receiver, ...props.receivers];
  return (
    <ListBar>
      <StateFilter
        states={NOTIFICATION_STATES}
        words={WORDS}
        value={state}
        onChange={(next) => onChange({ state: next })}
      />
      <Select
        aria-label="Receiver"
        placeholder="Every receiver"
        w={240}
        data={[...names]}
        value={receiver ?? null}
        searchable
        clearable
        clearButtonProps={{ "aria-label": "Every receiver" }}
        onChange={(value) => onChange({ receiver: value ?? undefined })}
      />
      {alert !== undefined && <AlertPill fingerprint={alert} onRemove={() => onChange({ alert: undefined })} />}
    </ListBar>
  );
}

function AlertPill({ fingerprint, onRemove }: { fingerprint: string; onRemove: () => void }) {
  const { data } = useApi<AlertDetail>(`alerts/${fingerprint}`, {}, { staleMs: 60_000 });
  const name = data?.alert?.name ?? data?.events[0]?.rule ?? fingerprint;
  return (
    <span className="row">
      <Pill withRemoveButton onRemove={onRemove} removeButtonProps={REMOVE}>
        Alert {name}
      </Pill>
      <Go to="/alerts" search={{ open: fingerprint }} className="small among">
        Back to the alert
      </Go>
    </span>
  );
}

function Row(props: { notification: NotificationSummary; current: boolean; onOpen: () => void }) {
  const { notification: one, current } = props;
  const name = groupName(one.group_key);
  return (
    <tr className={classes.row} data-current={current} onClick={props.onOpen}>
      <td>
        <StateMark state={one.state} />
      </td>
      <td className={classes.name}>
        <button type="button" className={`row-open ${classes.open}`} title={one.group_key}>
          {name}
        </button>
        <p className={`${classes.under} soft`}>
          <span className={classes.narrow}>to {one.receiver}, </span>
          {one.resend_of ? "sent again" : reasonWords(one.reason)}
        </p>
        {one.error && (
          <p className={`${classes.under} ${one.state === "failed" ? "bad" : "warning"}`} title={one.error}>
            {one.error}
          </p>
        )}
      </td>
      <td className="wide-only">
        {one.receiver} <span className="soft">{one.integration}</span>
      </td>
      <td className="wide-only">{countsText(one.firing, one.resolved)}</td>
      <td className="num wide-only">{formatExact(one.attempts)}</td>
      <td>
        <RelativeTime time={one.created} />
      </td>
    </tr>
  );
}

function NothingSent({ any }: { any: boolean }) {
  if (any)
    return (
      <Empty
        title="No notifications yet"
        action={
          <Go to="/alerts/notifications" search={{ view: "receivers" }} className="among">
            Send a receiver a test
          </Go>
        }
      >
        What goes out when an alert fires stands here, with its request and answer.
      </Empty>
    );
  return <NoReceivers />;
}
