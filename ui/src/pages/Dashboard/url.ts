import { listOf, numberOf, oneOf } from "@/app/search";

const PREFIX = "var-";

/** `kiosk`, the panel that is edited, and a `var-name` for each variable that is not as the board has it. */
export interface DashboardSearch {
  kiosk?: "1";
  edit?: number;
  [variable: `var-${string}`]: string[] | undefined;
}

export function validateDashboard(raw: Record<string, unknown>): DashboardSearch {
  const found: DashboardSearch = {
    kiosk: oneOf(raw, "kiosk", ["1"] as const),
    edit: numberOf(raw, "edit"),
  };
  for (const name of Object.keys(raw)) if (name.startsWith(PREFIX)) found[name as `var-${string}`] = listOf(raw, name);
  return found;
}

export function askedOf(search: DashboardSearch, name: string): string[] | undefined {
  return search[`${PREFIX}${name}`];
}

export function asking(name: string, values: readonly string[] | undefined): DashboardSearch {
  return { [`${PREFIX}${name}`]: values ? [...values] : undefined };
}
