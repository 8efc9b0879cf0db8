import { listOf, numberOf, oneOf } from "@/app/search";

const PREFIX = "var-";

/** `kiosk`, whether the board is laid out, what of it is edited (a panel, or its variables), and a `var-name` for each variable that is not as the board has it. */
export interface DashboardSearch {
  kiosk?: "1";
  layout?: "1";
  edit?: number | "variables";
  [variable: `var-${string}`]: string[] | undefined;
}

export function validateDashboard(raw: Record<string, unknown>): DashboardSearch {
  const found: DashboardSearch = {
    kiosk: oneOf(raw, "kiosk", ["1"] as const),
    layout: oneOf(raw, "layout", ["1"] as const),
    edit: oneOf(raw, "edit", ["variables"] as const) ?? numberOf(raw, "edit"),
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
