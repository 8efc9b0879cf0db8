import { oneOf, textOf } from "@/app/search";
import { NOTIFICATION_STATES, type NotificationState } from "@/model/notifications";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

export const VIEWS = ["sent", "receivers"] as const;
export type View = (typeof VIEWS)[number];

/** What was sent, by receiver, state and alert (its fingerprint), and the notification that is open; or how receivers fare. */
export interface NotificationsSearch extends OpenSearch {
  view?: View;
  receiver?: string;
  state?: NotificationState;
  alert?: string;
}

export function validateNotifications(raw: Record<string, unknown>): NotificationsSearch {
  const alert = textOf(raw, "alert");
  return {
    view: oneOf(raw, "view", VIEWS),
    receiver: textOf(raw, "receiver"),
    state: oneOf(raw, "state", NOTIFICATION_STATES),
    alert: alert !== undefined && /^[0-9a-f]{16}$/.test(alert) ? alert : undefined,
    ...validateOpen(raw),
  };
}
