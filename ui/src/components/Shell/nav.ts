import {
  IconBell,
  IconBook2,
  IconBrowser,
  IconBug,
  IconCalendarEvent,
  IconChartFunnel,
  IconChartLine,
  IconClipboardCheck,
  IconCoins,
  IconDatabaseSearch,
  IconHeartbeat,
  IconHome,
  IconLayoutDashboard,
  IconListDetails,
  IconPlugConnected,
  IconServer2,
  IconSettings,
  IconTimeline,
  IconTopologyStar3,
} from "@tabler/icons-react";
import { ALERT_VIEWS } from "@/pages/Alerts/views";
import { LABELS as COST_LABELS, TABS as COST_TABS, type Tab as CostTab } from "@/pages/Costs/url";
import { ERROR_VIEWS } from "@/pages/Errors/views";
import { EVENT_VIEWS } from "@/pages/Events/views";
import { METRIC_VIEWS } from "@/pages/Metrics/views";
import { PLAN_VIEWS } from "@/pages/Plan/views";
import { LABELS, type Tab, TABS } from "@/pages/Settings/url";
import { UPTIME_VIEWS } from "@/pages/Uptime/views";

/** Every place one can go, in the order of the rail; `key` follows `g`. */
export const PLACES = [
  { to: "/", label: "Home", key: "h", icon: IconHome },
  { to: "/services", label: "Services", key: "s", icon: IconServer2 },
  { to: "/service-map", label: "Service map", key: "m", icon: IconTopologyStar3 },
  { to: "/vitals", label: "Browser", key: "w", icon: IconBrowser },
  { to: "/traces", label: "Traces", key: "t", icon: IconTimeline },
  { to: "/logs", label: "Logs", key: "l", icon: IconListDetails },
  { to: "/errors", label: "Errors", key: "e", icon: IconBug },
  { to: "/explore", label: "Metrics", key: "x", icon: IconChartLine },
  { to: "/dashboards", label: "Dashboards", key: "b", icon: IconLayoutDashboard },
  { to: "/alerts", label: "Alerts", key: "a", icon: IconBell },
  { to: "/uptime", label: "Uptime", key: "u", icon: IconHeartbeat },
  { to: "/story", label: "Story", key: "o", icon: IconBook2 },
  { to: "/events", label: "Events", key: "v", icon: IconCalendarEvent },
  { to: "/analytics", label: "Analytics", key: "y", icon: IconChartFunnel },
  { to: "/costs", label: "Costs", key: "c", icon: IconCoins },
  { to: "/plan", label: "Plan", key: "p", icon: IconClipboardCheck },
  { to: "/sql", label: "SQL", key: "q", icon: IconDatabaseSearch },
  { to: "/send-data", label: "Send data", key: "d", icon: IconPlugConnected },
  { to: "/settings", label: "Settings", key: ",", icon: IconSettings },
] as const;

/** Whether a page belongs to a place though its address does not begin with it. */
export function isWithin(to: string, pathname: string): boolean {
  if (to === "/plan") return PLAN_VIEWS.some((view) => pathname === view.to);
  return to === "/errors" && ERROR_VIEWS.some((view) => pathname === view.to || pathname.startsWith(`${view.to}/`));
}

/** A view that has an address below a place: the palette goes there at once. */
export interface Within {
  to: string;
  place: string;
  label: string;
  search?: { tab: Tab | CostTab } | { part: "contract" };
  /** Of Settings: not everybody sees it. */
  settings?: Tab;
}

export const WITHIN: readonly Within[] = [
  ...METRIC_VIEWS.slice(1).map(({ to, label }) => ({ to, place: "Metrics", label })),
  ...ALERT_VIEWS.map(({ to, label }) => ({ to, place: "Alerts", label })),
  ...ERROR_VIEWS.map(({ to, label }) => ({ to, place: "Errors", label })),
  ...EVENT_VIEWS.slice(1).map(({ to, label }) => ({ to, place: "Events", label })),
  ...UPTIME_VIEWS.slice(1).map(({ to, label }) => ({ to, place: "Uptime", label })),
  ...COST_TABS.slice(1).map((tab) => ({ to: "/costs", place: "Costs", label: COST_LABELS[tab], search: { tab } })),
  { to: "/plan", place: "Plan", label: "Contract", search: { part: "contract" } },
  { to: "/privacy", place: "Plan", label: "Privacy" },
  ...TABS.map((tab) => ({ to: "/settings", place: "Settings", label: LABELS[tab], search: { tab }, settings: tab })),
];
