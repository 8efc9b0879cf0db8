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
  /** It, or one of the spans below it, is what the trace waited for. */
  critical: boolean;
  /** Its duration without the time in which a child ran. */
  selfNs: number;
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
      bars.push({ span, depth, below: 0, errorBelow: false, orphan, critical: false, selfNs: span.duration_ns });
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
  const below = childrenOf(bars);
  markCritical(bars, below);
  measureSelf(bars, below);
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

/** From the end backwards: the child that ended last before the point reached, then what came before that child began. */
function markCritical(bars: readonly Bar[], children: readonly (readonly number[])[]) {
  const open: { at: number; untilNs: number }[] = bars.length > 0 ? [{ at: 0, untilNs: Infinity }] : [];
  for (let next = open.pop(); next; next = open.pop()) {
    const bar = bars[next.at];
    if (!bar) continue;
    bar.critical = true;
    let untilNs = next.untilNs;
    const latest = [...(children[next.at] ?? [])].sort((a, b) => endOf(bars[b]) - endOf(bars[a]));
    for (const at of latest) {
      const child = bars[at];
      if (!child || endOf(child) > untilNs || child.span.start_offset_ns < bar.span.start_offset_ns) continue;
      open.push({ at, untilNs });
      untilNs = child.span.start_offset_ns;
    }
  }
}

function endOf(bar: Bar | undefined): number {
  return bar ? bar.span.start_offset_ns + bar.span.duration_ns : -Infinity;
}

/** Children that run at the same time count once, and only as far as they lie within their parent. */
function measureSelf(bars: readonly Bar[], children: readonly (readonly number[])[]) {
  bars.forEach((bar, at) => {
    let reached = bar.span.start_offset_ns;
    const end = endOf(bar);
    for (const below of children[at] ?? []) {
      const child = bars[below];
      if (!child) continue;
      const from = Math.max(reached, child.span.start_offset_ns);
      const to = Math.min(end, endOf(child));
      if (to > from) bar.selfNs -= to - from;
      reached = Math.max(reached, to);
    }
  });
}

/** For each bar the places of its children, by start. */
function childrenOf(bars: readonly Bar[]): number[][] {
  const found: number[][] = bars.map(() => []);
  const open: number[] = [];
  bars.forEach((bar, at) => {
    open.length = bar.depth;
    const parent = open[bar.depth - 1];
    if (parent !== undefined) found[parent]?.push(at);
    open[bar.depth] = at;
  });
  return found;
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
