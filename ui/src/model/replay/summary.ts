import type { ReplaySummary } from "@/api/types";
import { formatExact } from "@/lib/format";

/** Host and path of an address, which is what one knows a page by. */
export function placeOf(address: string): string {
  try {
    const { host, pathname } = new URL(address);
    return `${host}${pathname}`;
  } catch {
    return address;
  }
}

/** Clicks that went wrong, in words; empty where none did. */
export function oddClicks({
  dead_clicks: dead,
  rage_clicks: rage,
}: Pick<ReplaySummary, "dead_clicks" | "rage_clicks">) {
  return [dead > 0 && `${formatExact(dead)} dead`, rage > 0 && `${formatExact(rage)} in rage`]
    .filter(Boolean)
    .join(", ");
}
