import type { CorrelationGap } from "@/api/types";
import { formatExact, formatShare } from "@/lib/format";

/** The mark on a call of the map. */
export function gapWord(gap: Pick<CorrelationGap, "lost" | "replaced">): string {
  return gap.lost >= gap.replaced ? "⚠ id lost" : "⚠ other id";
}

/** What the mark means. */
export function gapText(gap: CorrelationGap): string {
  const { source, target, lost, replaced, traces } = gap;
  const what =
    replaced === 0
      ? `has no correlation id where ${source} has one`
      : lost === 0
        ? `has another correlation id than ${source}`
        : `has no correlation id, or another than ${source}`;
  return `${target} ${what}, in ${formatShare((lost + replaced) / Math.max(traces, 1))} of ${formatExact(traces)} traces`;
}
