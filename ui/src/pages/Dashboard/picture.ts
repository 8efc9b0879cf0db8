/** A panel as a file: a PNG of what its canvases show with its title and legend, or its values as CSV. */
import { realColor } from "@/lib/colors";

const MARGIN = 12;
const HEAD = 28;
const LINE = 18;
const FONT = "12px system-ui, sans-serif";

/** Null where the panel has no canvas. Twice as fine as the screen's pixels, as the canvas itself is on such a screen. */
export function pngOf(panel: HTMLElement, title: string): Promise<Blob | null> {
  const canvases = [...panel.querySelectorAll("canvas")];
  if (canvases.length === 0) return Promise.resolve(null);
  const boxes = canvases.map((one) => one.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const width = Math.max(...boxes.map((box) => box.right)) - left;
  const height = Math.max(...boxes.map((box) => box.bottom)) - top;
  const scale = Math.max(1, ...canvases.map((one, at) => one.width / Math.max(1, boxes[at]?.width ?? 1)));
  const legend = namesOf(panel);
  const made = document.createElement("canvas");
  const pen = made.getContext("2d");
  if (!pen) return Promise.resolve(null);
  pen.font = FONT;
  const places = inLines(
    legend.map(({ text }) => pen.measureText(text).width + 28),
    width,
  );
  const lines = (places.at(-1)?.line ?? -1) + 1;
  made.width = Math.ceil((width + 2 * MARGIN) * scale);
  made.height = Math.ceil((HEAD + height + lines * LINE + 2 * MARGIN) * scale);
  pen.scale(scale, scale);
  pen.fillStyle = realColor("var(--bg)");
  pen.fillRect(0, 0, made.width, made.height);
  pen.fillStyle = realColor("var(--text)");
  pen.textBaseline = "middle";
  pen.font = `600 14px system-ui, sans-serif`;
  pen.fillText(title, MARGIN, MARGIN + HEAD / 2 - 4, width);
  canvases.forEach((one, at) => {
    const box = boxes[at];
    if (box) pen.drawImage(one, MARGIN + box.left - left, MARGIN + HEAD + box.top - top, box.width, box.height);
  });
  pen.font = FONT;
  legend.forEach(({ text, color }, at) => {
    const place = places[at] ?? { x: 0, line: 0 };
    const y = MARGIN + HEAD + height + place.line * LINE + LINE / 2;
    pen.fillStyle = color;
    pen.fillRect(MARGIN + place.x, y - 2, 12, 4);
    pen.fillStyle = realColor("var(--text)");
    pen.fillText(text, MARGIN + place.x + 17, y, width - 17);
  });
  return new Promise((resolve) => made.toBlob(resolve, "image/png"));
}

/** What the legend beside a canvas says, row by row. */
function namesOf(panel: HTMLElement): { text: string; color: string }[] {
  return [...panel.querySelectorAll<HTMLElement>("li:has(i), tr:has(i)")].map((row) => {
    const mark = row.querySelector("i");
    const parts = [...row.children];
    const text = parts
      .map((part) => part.textContent?.trim() ?? "")
      .filter(Boolean)
      .join("  ");
    return { text, color: mark ? getComputedStyle(mark).backgroundColor : "" };
  });
}

function inLines(widths: readonly number[], room: number): { x: number; line: number }[] {
  let [x, line] = [0, 0];
  return widths.map((width) => {
    if (x > 0 && x + width > room) [x, line] = [0, line + 1];
    const place = { x, line };
    x += width;
    return place;
  });
}

export function download(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by the next task.
  setTimeout(() => URL.revokeObjectURL(address), 0);
}
