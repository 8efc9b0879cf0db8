import type { Bar } from "./waterfall";

/** A span's place in the flame: the row below its parent's, or the next free one where spans run at the same time. */
export interface Block {
  bar: Bar;
  row: number;
  startNs: number;
  endNs: number;
}

/** Every span once, none over another of its row, children below their parents; sorted by row and start. */
export function pileUp(bars: readonly Bar[]): Block[] {
  const blocks = bars.map((bar) => ({ bar, row: 0, startNs: 0, endNs: 0 }));
  const above: (Block | null)[] = [];
  const parents: Block[] = [];
  for (const block of blocks) {
    parents.length = Math.min(parents.length, block.bar.depth);
    const parent = parents[block.bar.depth - 1] ?? null;
    above.push(parent);
    parents[block.bar.depth] = block;
    // A child cannot be drawn before its parent: clocks of two machines differ.
    block.startNs = Math.max(block.bar.span.start_offset_ns, parent?.startNs ?? -Infinity);
    block.endNs = Math.max(block.startNs, block.bar.span.start_offset_ns + block.bar.span.duration_ns);
  }
  const order = blocks.map((_, at) => at);
  order.sort((a, b) => {
    const [one, other] = [blocks[a], blocks[b]];
    return one && other ? one.startNs - other.startNs || one.bar.depth - other.bar.depth || a - b : 0;
  });
  const free: number[] = [];
  for (const at of order) {
    const block = blocks[at];
    if (!block) continue;
    const parent = above[at];
    let row = parent ? parent.row + 1 : 0;
    while ((free[row] ?? -Infinity) > block.startNs) row++;
    block.row = row;
    free[row] = block.endNs;
  }
  return blocks.sort((a, b) => a.row - b.row || a.startNs - b.startNs);
}

/** The block of a row at a time, allowing some nanoseconds beside narrow ones; the nearest wins. */
export function blockAt(blocks: readonly Block[], row: number, ns: number, slackNs: number): Block | undefined {
  let best: Block | undefined;
  let nearest = slackNs;
  for (const block of blocks) {
    if (block.row !== row) continue;
    const distance = Math.max(block.startNs - ns, ns - block.endNs, 0);
    if (distance <= nearest) {
      best = block;
      nearest = distance;
    }
  }
  return best;
}
