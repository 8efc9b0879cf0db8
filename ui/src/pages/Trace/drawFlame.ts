import { readableOn, realColor } from "@/lib/colors";
import { formatNanos } from "@/lib/format";
import type { Block } from "@/model/flame";

export const ROW = 20;
const TEXT_WIDTH_MIN = 28;
const LETTER = 6.2;
const NARROWEST = 1;

export interface FlameView {
  /** Which part of the trace's time fills the width. */
  fromNs: number;
  toNs: number;
  scrollTop: number;
  width: number;
  height: number;
  open: string | undefined;
  hovered: Block | undefined;
  found: ReadonlySet<string>;
  colorOf: (service: string) => string;
}

/** Only what is in sight is drawn; spans narrower than a pixel are drawn once per pixel. */
export function drawFlame(canvas: HTMLCanvasElement, blocks: readonly Block[], view: FlameView): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(view.width * ratio);
  canvas.height = Math.round(view.height * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(ratio, ratio);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  const palette = new Map<string, string>();
  const real = (name: string) => {
    const known = palette.get(name) ?? realColor(name);
    palette.set(name, known);
    return known;
  };
  const ink = real("var(--text)");
  const scale = view.width / Math.max(1, view.toNs - view.fromNs);
  const lastRight = new Map<number, number>();
  for (const block of blocks) {
    const top = block.row * ROW - view.scrollTop;
    if (top + ROW < 0 || top > view.height) continue;
    const left = Math.max(0, (block.startNs - view.fromNs) * scale);
    const right = Math.min(view.width, Math.max((block.endNs - view.fromNs) * scale, left + NARROWEST));
    if (right <= 0 || left >= view.width) continue;
    const { span } = block.bar;
    const picked = span.span_id === view.open;
    if (right - left <= NARROWEST && !picked && (lastRight.get(block.row) ?? -1) > left) continue;
    lastRight.set(block.row, right);
    const failed = span.status === "error";
    const fill = real(failed ? "var(--bad-line)" : view.colorOf(span.service));
    context.globalAlpha = view.found.size > 0 && !view.found.has(span.span_id) ? 0.3 : 1;
    context.fillStyle = fill;
    context.fillRect(left, top + 1, Math.max(NARROWEST, right - left - (right - left > 3 ? 1 : 0)), ROW - 2);
    if (right - left > TEXT_WIDTH_MIN) {
      context.fillStyle = readableOn(fill);
      const text = `${failed ? "⚠ " : ""}${span.name} ${formatNanos(span.duration_ns)}`;
      context.fillText(cut(text, right - left - 8), left + 4, top + ROW / 2 + 0.5);
    }
    context.globalAlpha = 1;
    if (picked || block === view.hovered) {
      context.strokeStyle = ink;
      context.lineWidth = picked ? 2 : 1;
      context.strokeRect(left + 0.5, top + 1.5, Math.max(2, right - left - 1), ROW - 3);
    }
  }
}

function cut(text: string, width: number): string {
  const letters = Math.floor(width / LETTER);
  return text.length <= letters ? text : letters < 3 ? "" : `${text.slice(0, letters - 1)}…`;
}
