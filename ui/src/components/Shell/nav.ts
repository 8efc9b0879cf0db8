import {
  IconChartLine,
  IconDatabaseSearch,
  IconHome,
  IconLayoutDashboard,
  IconListDetails,
  IconPlugConnected,
  IconServer2,
  IconSettings,
  IconTimeline,
  IconTopologyStar3,
} from "@tabler/icons-react";

/** Every place one can go, in the order of the rail; `key` follows `g`. */
export const PLACES = [
  { to: "/", label: "Home", key: "h", icon: IconHome },
  { to: "/services", label: "Services", key: "s", icon: IconServer2 },
  { to: "/service-map", label: "Service map", key: "m", icon: IconTopologyStar3 },
  { to: "/traces", label: "Traces", key: "t", icon: IconTimeline },
  { to: "/logs", label: "Logs", key: "l", icon: IconListDetails },
  { to: "/explore", label: "Metrics", key: "e", icon: IconChartLine },
  { to: "/dashboards", label: "Dashboards", key: "b", icon: IconLayoutDashboard },
  { to: "/sql", label: "SQL", key: "q", icon: IconDatabaseSearch },
  { to: "/send-data", label: "Send data", key: "d", icon: IconPlugConnected },
  { to: "/settings", label: "Settings", key: ",", icon: IconSettings },
] as const;
