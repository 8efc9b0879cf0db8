import type { SpanSummary } from "@/api/types";

export interface Bar {
  span: SpanSummary;
  depth: number;
  /** Spans below it, however deep. */
  below: number;
  /** True when an error lies below it. */
  errorBelow: boolean;
  /** Its parent is not among the spans: late, or never sent. */
  orphan: boolean;
  critical: boolean;
}

/** Parents before children, children by start; every span exactly once, also where parents make a circle. */
export function layOut(spans: readonly SpanSummary[]): Bar[] {
  const ids = new Set(spans.map((span) => span.span_id));
  const children = new Map<string, SpanSummary[]>();
  const roots: SpanSummary[] = [];
  for (const span of spans) {
    if (span.parent_span_id && ids.has(span.parent_span_id) && span.parent_span_id !== span.span_id) {
      const list = children.get(span.parent_span_id);
      if (list) list.push(span);
      else children.set(span.parent_span_id, [span]);
    } else roots.push(span);
  }
  const byStart = (a: SpanSummary, b: SpanSummary) => a.start_offset_ns - b.start_offset_ns;
  const bars: Bar[] = [];
  const seen = new Set<SpanSummary>();

  function walk(start: SpanSummary) {
    const stack: { span: SpanSummary; depth: number }[] = [{ span: start, depth: 0 }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (seen.has(next.span)) continue;
      seen.add(next.span);
      const { span, depth } = next;
      const orphan = span.parent_span_id !== "" && !ids.has(span.parent_span_id);
      bars.push({ span, depth, below: 0, errorBelow: false, orphan, critical: false });
      const below = (children.get(span.span_id) ?? []).sort(byStart);
      for (let at = below.length - 1; at >= 0; at--) {
        const child = below[at];
        if (child) stack.push({ span: child, depth: depth + 1 });
      }
    }
  }
  for (const root of roots.sort(byStart)) walk(root);
  for (const span of spans) if (!seen.has(span)) walk(span);
  count(bars);
  markCritical(bars);
  return bars;
}

function count(bars: Bar[]) {
  const open: Bar[] = [];
  for (const bar of bars) {
    while (open.length > 0 && (open[open.length - 1]?.depth ?? 0) >= bar.depth) open.pop();
    for (const above of open) {
      above.below++;
      if (bar.span.status === "error") above.errorBelow = true;
    }
    open.push(bar);
  }
}

/** The chain of spans that ends last at each level: what made the trace take as long as it did. */
function markCritical(bars: Bar[]) {
  let at = 0;
  while (at < bars.length) {
    const bar = bars[at];
    if (!bar) return;
    bar.critical = true;
    let best = -1;
    let end = -Infinity;
    for (let below = at + 1; below <= at + bar.below; below++) {
      const child = bars[below];
      if (child?.depth !== bar.depth + 1) continue;
      const ends = child.span.start_offset_ns + child.span.duration_ns;
      if (ends > end) {
        end = ends;
        best = below;
      }
    }
    if (best < 0) return;
    at = best;
  }
}

/** The bars to show when some are collapsed. */
export function visible(bars: readonly Bar[], collapsed: ReadonlySet<string>): Bar[] {
  if (collapsed.size === 0) return [...bars];
  const shown: Bar[] = [];
  for (let at = 0; at < bars.length; at++) {
    const bar = bars[at];
    if (!bar) continue;
    shown.push(bar);
    if (collapsed.has(bar.span.span_id)) at += bar.below;
  }
  return shown;
}
