import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from "@tanstack/react-router";
import { Shell } from "@/components/Shell";
import { validateAlertHistory } from "@/pages/AlertHistory/url";
import { validateAlerts } from "@/pages/Alerts/url";
import { validateAnalytics } from "@/pages/Analytics/url";
import { validateCosts } from "@/pages/Costs/url";
import { validateDashboard } from "@/pages/Dashboard/url";
import { validateDashboards } from "@/pages/Dashboards/url";
import { validateErrors } from "@/pages/Errors/url";
import { validateEntity, validateEvents, validateStates } from "@/pages/Events/url";
import { validateFailedRuns } from "@/pages/FailedRuns/url";
import { validateIssue } from "@/pages/Issue/url";
import { validateLogs } from "@/pages/Logs/url";

import { validateCardinality } from "@/pages/Cardinality/url";
import { validateMetrics } from "@/pages/Metrics/url";
import { validateMap } from "@/pages/ServiceMap/url";
import { validateNotifications } from "@/pages/Notifications/url";
import { validateOnCall } from "@/pages/OnCall/url";
import { validatePlan } from "@/pages/Plan/url";
import { validatePrivacy } from "@/pages/Privacy/url";
import { validateReleases } from "@/pages/Releases/url";
import { validateReplay } from "@/pages/Replay/url";
import { validateReplays } from "@/pages/Replays/url";
import { validateRouting } from "@/pages/Routing/url";
import { validateRule } from "@/pages/Rule/url";
import { validateRules } from "@/pages/Rules/url";
import { validateRunbook } from "@/pages/Runbooks/url";
import { validateServices } from "@/pages/Services/url";
import { validateSettings } from "@/pages/Settings/url";
import { validateSilences } from "@/pages/Silences/url";
import { validateSignIn } from "@/pages/SignIn/url";
import { validateSlos } from "@/pages/Slos/url";
import { validateSql } from "@/pages/Sql/url";
import { validateStory } from "@/pages/Story/url";
import { validateTargets } from "@/pages/Targets/url";
import { validateTrace } from "@/pages/Trace/url";
import { validateTraces } from "@/pages/Traces/url";
import { validateHeartbeats, validateProbes, validateStatusPage } from "@/pages/Uptime/url";
import { validateVitals } from "@/pages/Vitals/url";
import { NotFound, PageFailed } from "./Failed";
import { parseSearch, stringifySearch, validateScope } from "./search";

const root = createRootRoute({ notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: validateSignIn,
  component: lazyRouteComponent(() => import("@/pages/SignIn"), "SignIn"),
});

/** Everything behind the sign-in: time range and environments stay when one goes from page to page. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  validateSearch: validateScope,
  search: { middlewares: [retainSearchParams(["start", "end", "env"])] },
  component: Shell,
  notFoundComponent: NotFound,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("@/pages/Home"), "Home"),
});
const services = createRoute({
  getParentRoute: () => shell,
  path: "/services",
  validateSearch: validateServices,
  component: lazyRouteComponent(() => import("@/pages/Services"), "Services"),
});
const service = createRoute({
  getParentRoute: () => shell,
  path: "/services/$name",
  component: lazyRouteComponent(() => import("@/pages/Service"), "Service"),
});
const serviceMap = createRoute({
  getParentRoute: () => shell,
  path: "/service-map",
  validateSearch: validateMap,
  component: lazyRouteComponent(() => import("@/pages/ServiceMap"), "ServiceMap"),
});
const vitals = createRoute({
  getParentRoute: () => shell,
  path: "/vitals",
  validateSearch: validateVitals,
  component: lazyRouteComponent(() => import("@/pages/Vitals"), "Vitals"),
});
const traces = createRoute({
  getParentRoute: () => shell,
  path: "/traces",
  validateSearch: validateTraces,
  component: lazyRouteComponent(() => import("@/pages/Traces"), "Traces"),
});
const trace = createRoute({
  getParentRoute: () => shell,
  path: "/traces/$traceId",
  validateSearch: validateTrace,
  component: lazyRouteComponent(() => import("@/pages/Trace"), "Trace"),
});
const replays = createRoute({
  getParentRoute: () => shell,
  path: "/replays",
  validateSearch: validateReplays,
  component: lazyRouteComponent(() => import("@/pages/Replays"), "Replays"),
});
const replay = createRoute({
  getParentRoute: () => shell,
  path: "/replays/$id",
  validateSearch: validateReplay,
  component: lazyRouteComponent(() => import("@/pages/Replay"), "Replay"),
});
const logs = createRoute({
  getParentRoute: () => shell,
  path: "/logs",
  validateSearch: validateLogs,
  component: lazyRouteComponent(() => import("@/pages/Logs"), "Logs"),
});
const errors = createRoute({
  getParentRoute: () => shell,
  path: "/errors",
  validateSearch: validateErrors,
  component: lazyRouteComponent(() => import("@/pages/Errors"), "Errors"),
});
const issue = createRoute({
  getParentRoute: () => shell,
  path: "/errors/$id",
  validateSearch: validateIssue,
  component: lazyRouteComponent(() => import("@/pages/Issue"), "Issue"),
});
const failedRuns = createRoute({
  getParentRoute: () => shell,
  path: "/failed-runs",
  validateSearch: validateFailedRuns,
  component: lazyRouteComponent(() => import("@/pages/FailedRuns"), "FailedRuns"),
});
const event = createRoute({
  getParentRoute: () => shell,
  path: "/errors/event/$eventId",
  component: lazyRouteComponent(() => import("@/pages/Issue"), "EventPage"),
});
/** Not `/metrics`, which is where Prometheus looks for the server's own. */
const metrics = createRoute({
  getParentRoute: () => shell,
  path: "/explore",
  validateSearch: validateMetrics,
  component: lazyRouteComponent(() => import("@/pages/Metrics"), "Metrics"),
});
const cardinality = createRoute({
  getParentRoute: () => shell,
  path: "/explore/cardinality",
  validateSearch: validateCardinality,
  component: lazyRouteComponent(() => import("@/pages/Cardinality"), "Cardinality"),
});
const targets = createRoute({
  getParentRoute: () => shell,
  path: "/explore/targets",
  validateSearch: validateTargets,
  component: lazyRouteComponent(() => import("@/pages/Targets"), "Targets"),
});
const dashboards = createRoute({
  getParentRoute: () => shell,
  path: "/dashboards",
  validateSearch: validateDashboards,
  component: lazyRouteComponent(() => import("@/pages/Dashboards"), "Dashboards"),
});
const dashboard = createRoute({
  getParentRoute: () => shell,
  path: "/dashboards/$uid",
  validateSearch: validateDashboard,
  component: lazyRouteComponent(() => import("@/pages/Dashboard"), "Dashboard"),
});
const story = createRoute({
  getParentRoute: () => shell,
  path: "/story",
  validateSearch: validateStory,
  component: lazyRouteComponent(() => import("@/pages/Story"), "Story"),
});
const analytics = createRoute({
  getParentRoute: () => shell,
  path: "/analytics",
  validateSearch: validateAnalytics,
  component: lazyRouteComponent(() => import("@/pages/Analytics"), "Analytics"),
});
const plan = createRoute({
  getParentRoute: () => shell,
  path: "/plan",
  validateSearch: validatePlan,
  component: lazyRouteComponent(() => import("@/pages/Plan"), "Plan"),
});
const costs = createRoute({
  getParentRoute: () => shell,
  path: "/costs",
  validateSearch: validateCosts,
  component: lazyRouteComponent(() => import("@/pages/Costs"), "Costs"),
});
const events = createRoute({
  getParentRoute: () => shell,
  path: "/events",
  validateSearch: validateEvents,
  component: lazyRouteComponent(() => import("@/pages/Events"), "Events"),
});
const states = createRoute({
  getParentRoute: () => shell,
  path: "/events/states",
  validateSearch: validateStates,
  component: lazyRouteComponent(() => import("@/pages/Events/States"), "States"),
});
const entity = createRoute({
  getParentRoute: () => shell,
  path: "/events/entity",
  validateSearch: validateEntity,
  component: lazyRouteComponent(() => import("@/pages/Events/Entity"), "Entity"),
});
const sql = createRoute({
  getParentRoute: () => shell,
  path: "/sql",
  validateSearch: validateSql,
  component: lazyRouteComponent(() => import("@/pages/Sql"), "Sql"),
});
const privacy = createRoute({
  getParentRoute: () => shell,
  path: "/privacy",
  validateSearch: validatePrivacy,
  component: lazyRouteComponent(() => import("@/pages/Privacy"), "Privacy"),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  validateSearch: validateSettings,
  component: lazyRouteComponent(() => import("@/pages/Settings"), "Settings"),
});
const alerts = createRoute({
  getParentRoute: () => shell,
  path: "/alerts",
  validateSearch: validateAlerts,
  component: lazyRouteComponent(() => import("@/pages/Alerts"), "Alerts"),
});
const rules = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/rules",
  validateSearch: validateRules,
  component: lazyRouteComponent(() => import("@/pages/Rules"), "Rules"),
});
const rule = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/rules/$id",
  validateSearch: validateRule,
  component: lazyRouteComponent(() => import("@/pages/Rule"), "Rule"),
});
const routing = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/routing",
  validateSearch: validateRouting,
  component: lazyRouteComponent(() => import("@/pages/Routing"), "Routing"),
});
const alertHistory = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/history",
  validateSearch: validateAlertHistory,
  component: lazyRouteComponent(() => import("@/pages/AlertHistory"), "AlertHistory"),
});
const silences = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/silences",
  validateSearch: validateSilences,
  component: lazyRouteComponent(() => import("@/pages/Silences"), "Silences"),
});
const notifications = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/notifications",
  validateSearch: validateNotifications,
  component: lazyRouteComponent(() => import("@/pages/Notifications"), "Notifications"),
});
const runbooks = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/runbooks",
  component: lazyRouteComponent(() => import("@/pages/Runbooks"), "Runbooks"),
});
/** Names have slashes. */
const runbook = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/runbooks/$",
  validateSearch: validateRunbook,
  component: lazyRouteComponent(() => import("@/pages/Runbooks"), "Runbooks"),
});
const slos = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/slos",
  validateSearch: validateSlos,
  component: lazyRouteComponent(() => import("@/pages/Slos"), "Slos"),
});
const onCall = createRoute({
  getParentRoute: () => shell,
  path: "/alerts/on-call",
  validateSearch: validateOnCall,
  component: lazyRouteComponent(() => import("@/pages/OnCall"), "OnCall"),
});
const uptime = createRoute({
  getParentRoute: () => shell,
  path: "/uptime",
  validateSearch: validateProbes,
  component: lazyRouteComponent(() => import("@/pages/Uptime"), "Uptime"),
});
const heartbeats = createRoute({
  getParentRoute: () => shell,
  path: "/uptime/heartbeats",
  validateSearch: validateHeartbeats,
  component: lazyRouteComponent(() => import("@/pages/Uptime/Heartbeats"), "Heartbeats"),
});
const statusPage = createRoute({
  getParentRoute: () => shell,
  path: "/uptime/status-page",
  validateSearch: validateStatusPage,
  component: lazyRouteComponent(() => import("@/pages/Uptime/StatusPage"), "StatusPage"),
});
const releases = createRoute({
  getParentRoute: () => shell,
  path: "/releases",
  validateSearch: validateReleases,
  component: lazyRouteComponent(() => import("@/pages/Releases"), "Releases"),
});
const nowhere = createRoute({ getParentRoute: () => shell, path: "$", component: NotFound });
const firstRun = createRoute({
  getParentRoute: () => shell,
  path: "/send-data",
  component: lazyRouteComponent(() => import("@/pages/FirstRun"), "FirstRun"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    shell.addChildren([
      home,
      services,
      service,
      serviceMap,
      vitals,
      traces,
      trace,
      replays,
      replay,
      logs,
      errors,
      issue,
      event,
      failedRuns,
      metrics,
      cardinality,
      targets,
      dashboards,
      dashboard,
      alerts,
      rules,
      rule,
      routing,
      alertHistory,
      silences,
      notifications,
      runbooks,
      runbook,
      slos,
      onCall,
      uptime,
      heartbeats,
      statusPage,
      releases,
      events,
      states,
      entity,
      story,
      analytics,
      plan,
      costs,
      sql,
      privacy,
      settings,
      firstRun,
      nowhere,
    ]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
