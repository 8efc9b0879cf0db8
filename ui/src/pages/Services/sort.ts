import type { ServiceSummary } from "@/api/types";
import type { Sort } from "./url";

const VALUE: Record<Exclude<Sort, "name">, (service: ServiceSummary) => number> = {
  rate: (service) => service.rate,
  errors: (service) => service.error_ratio,
  p50: (service) => service.p50_ms ?? -1,
  p95: (service) => service.p95_ms ?? -1,
  p99: (service) => service.p99_ms ?? -1,
  logs: (service) => service.log_errors,
};

export function sortServices(list: readonly ServiceSummary[], by: Sort, order: "up" | "down"): ServiceSummary[] {
  const sign = order === "up" ? 1 : -1;
  return [...list].sort((a, b) => {
    const byName = a.name.localeCompare(b.name);
    if (by === "name") return sign * byName;
    const value = VALUE[by];
    return sign * (value(a) - value(b)) || byName;
  });
}

export function filterServices(list: readonly ServiceSummary[], text: string): ServiceSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return list.filter((service) => words.every((word) => service.name.toLowerCase().includes(word)));
}
