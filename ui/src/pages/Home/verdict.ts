import type { AlertGroupList, ServiceList, SystemStatus } from "@/api/types";
import { formatRelative, formatShare, plural } from "@/lib/format";
import { severityOf } from "@/model/alerts";
import { healthOf } from "@/model/red";

export type Tone = "good" | "warning" | "bad" | "idle";

/** One thing that wants attention, and where to look. */
export interface Concern {
  tone: "bad" | "warning";
  text: string;
  to:
    | { page: "alert"; fingerprint: string | undefined }
    | { page: "service"; name: string }
    | { page: "settings"; tab: "health" | "limits" | "dead-letters" };
}

export interface Verdict {
  tone: Tone;
  headline: string;
  concerns: Concern[];
}

type Checks = SystemStatus["checks"];

/** Items that stop for this long are worth a word, while their service was there in the period before. */
const QUIET_SECONDS = 600;
const WAITING_SECONDS_BAD = 60;

/** Are we well? The worst first; no data is neither well nor unwell. */
export function judge(
  services: ServiceList | undefined,
  status: SystemStatus | undefined,
  nowMs: number,
  checks: Checks = status?.checks ?? [],
  alerts?: AlertGroupList,
): Verdict {
  const concerns = [
    ...checkConcerns(checks),
    ...alertConcerns(alerts),
    ...systemConcerns(status, nowMs),
    ...serviceConcerns(services),
  ];
  concerns.sort((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad"));
  if (concerns.length === 0 && !services) return { tone: "idle", headline: "The services are not known yet", concerns };
  const bad = concerns.filter((one) => one.tone === "bad").length;
  const busy = services?.services.filter((one) => one.requests > 0).length ?? 0;
  if (bad > 0) return { tone: "bad", headline: bad === 1 ? "Something is wrong" : `${bad} things are wrong`, concerns };
  if (concerns.length > 0)
    return { tone: "warning", headline: `${plural(concerns.length, "thing")} to look at`, concerns };
  if (busy === 0) return { tone: "idle", headline: "No requests in this time range", concerns };
  return { tone: "good", headline: `All is well: ${plural(busy, "service")}, nothing failing`, concerns };
}

/** What fires and is nobody's yet: of each group that is listed its most urgent alert, and how many more there are. */
function alertConcerns(list: AlertGroupList | undefined): Concern[] {
  const shown = (list?.groups ?? []).flatMap((group) => group.alerts.slice(0, 1));
  const concerns: Concern[] = shown.map((alert) => ({
    tone: severityOf(alert.labels).health === "bad" ? "bad" : "warning",
    text: [alert.name, alert.annotations.summary ?? alert.annotations.title].filter(Boolean).join(": "),
    to: { page: "alert", fingerprint: alert.fingerprint },
  }));
  const more = (list?.counts.open ?? 0) - new Set(shown.map((alert) => alert.fingerprint)).size;
  if (more > 0)
    concerns.push({ tone: "warning", text: plural(more, "more alert"), to: { page: "alert", fingerprint: undefined } });
  return concerns;
}

function serviceConcerns(list: ServiceList | undefined): Concern[] {
  const concerns: Concern[] = [];
  // What fails most comes first.
  const services = [...(list?.services ?? [])].sort((a, b) => b.error_ratio - a.error_ratio || b.errors - a.errors);
  for (const service of services) {
    const health = healthOf(service);
    const to = { page: "service", name: service.name } as const;
    if (health === "bad" || health === "warning")
      concerns.push({
        tone: health,
        text: `${service.name} fails ${formatShare(service.error_ratio)} of its requests${before(service)}`,
        to,
      });
    if (service.requests === 0 && service.previous.requests > 0)
      concerns.push({ tone: "warning", text: `${service.name} had requests before and has none now`, to });
  }
  return concerns;
}

function before(service: ServiceList["services"][number]): string {
  if (service.previous.requests === 0) return "";
  return `, ${formatShare(service.previous.error_ratio)} in the period before`;
}

function checkConcerns(checks: Checks): Concern[] {
  const to = { page: "settings", tab: "health" } as const;
  return checks
    .filter((check) => !check.healthy)
    .map((check) => ({ tone: "bad", text: `Midwatch's ${check.name}: ${check.message}`, to }));
}

function systemConcerns(status: SystemStatus | undefined, nowMs: number): Concern[] {
  if (!status) return [];
  const health = { page: "settings", tab: "health" } as const;
  const concerns: Concern[] = [];
  if (status.wal.oldest_waiting_seconds > WAITING_SECONDS_BAD)
    concerns.push({ tone: "bad", text: "What arrives is kept but not yet visible: the store is behind", to: health });
  if (status.dead_letters > 0)
    concerns.push({
      tone: "warning",
      text: `${plural(status.dead_letters, "dead letter")}: bodies that could not be stored`,
      to: { page: "settings", tab: "dead-letters" },
    });
  const newest = status.signals.map((one) => Date.parse(one.newest ?? "")).filter((ms) => !Number.isNaN(ms));
  const last = Math.max(...newest);
  if (newest.length > 0 && nowMs - last > QUIET_SECONDS * 1000)
    concerns.push({
      tone: "warning",
      text: `Nothing came in since ${formatRelative(new Date(last).toISOString(), nowMs)}`,
      to: health,
    });
  return concerns;
}
