import { textOf } from "@/app/search";

export interface DashboardsSearch {
  filter?: string;
}

export function validateDashboards(raw: Record<string, unknown>): DashboardsSearch {
  return { filter: textOf(raw, "filter") };
}
