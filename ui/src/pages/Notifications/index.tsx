import { SegmentedControl } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { LIVE_MS, useApi } from "@/api/queries";
import type { ReceiverList } from "@/api/types";
import { Go } from "@/components/Go";
import { PageFrame } from "@/components/PageFrame";
import { Notice } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { receiverRows } from "@/model/notifications";
import { useSearchChange } from "@/state/useOpened";
import { AlertsViews } from "../Alerts/AlertsViews";
import { Receivers } from "./Receivers";
import { Sent } from "./Sent";
import { type NotificationsSearch, type View, VIEWS } from "./url";

const LABEL: Record<View, string> = { sent: "Sent", receivers: "Receivers" };
const FAILING_MAX = 3;

/** Who was told what, with every request and answer; and whether those who are to be told can be. */
export function Notifications() {
  const { view = "sent" } = useSearch({ strict: false }) as NotificationsSearch;
  const receivers = useApi<ReceiverList>("receivers", {}, { everyMs: LIVE_MS });
  if (view === "receivers")
    return (
      <PageFrame title="Receivers" heading="Alerts" actions={<Views view={view} />}>
        <AlertsViews />
        <Receivers query={receivers} />
      </PageFrame>
    );
  const names = receivers.data?.receivers.map((one) => one.name) ?? [];
  return (
    <Sent receivers={names} actions={<Views view={view} />}>
      <AlertsViews />
      {receivers.data && <Failing receivers={receivers.data} />}
    </Sent>
  );
}

function Views({ view }: { view: View }) {
  const change = useSearchChange<NotificationsSearch>();
  return (
    <SegmentedControl
      aria-label="View"
      value={view}
      data={VIEWS.map((value) => ({ value, label: LABEL[value] }))}
      onChange={(next) =>
        change({
          ...{ view: next === "receivers" ? "receivers" : undefined, receiver: undefined, state: undefined },
          ...{ alert: undefined, open: undefined, full: undefined },
        })
      }
    />
  );
}

/** Above what was sent: that somebody cannot be told now. */
function Failing({ receivers }: { receivers: ReceiverList }) {
  const failing = receiverRows(receivers.receivers).filter((row) => row.integration.failing_since !== null);
  if (failing.length === 0) return null;
  return (
    <Notice tone="bad">
      {failing.slice(0, FAILING_MAX).map(({ receiver, integration }) => (
        <div key={`${receiver} ${integration.integration}`}>
          {receiver} cannot be told by {integration.integration}
          {integration.error && `: ${integration.error}`}, first failed{" "}
          <RelativeTime time={integration.failing_since} />
        </div>
      ))}
      {failing.length > FAILING_MAX && `and ${failing.length - FAILING_MAX} more. `}
      <Go to="/alerts/notifications" search={{ view: "receivers" }} className="among">
        Receivers
      </Go>
    </Notice>
  );
}
