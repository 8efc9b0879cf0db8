import { hashOf } from "./hash";

const SERIES = 8;

/** The same name has the same colour in every chart; errors are always the bad colour. */
export function seriesColor(name: string): string {
  if (/^(error|errors|fatal|failed|5xx)$/i.test(name)) return "var(--bad-line)";
  return `var(--series-${placeOf(name)})`;
}

/** The colours of names that stand together: each its own, as long as there are enough; a clash moves the later name on. */
export function apartColors(names: Iterable<string>): (name: string) => string {
  const places = new Map<string, number>();
  let taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    if (taken.size === SERIES) taken = new Set();
    let place = placeOf(name);
    while (taken.has(place)) place = (place + 1) % SERIES;
    taken.add(place);
    places.set(name, place);
  }
  return (name) => `var(--series-${places.get(name) ?? placeOf(name)})`;
}

function placeOf(name: string): number {
  return hashOf(name) % SERIES;
}

const LEVELS: Record<string, string> = {
  fatal: "var(--bad-line)",
  error: "var(--bad-line)",
  warn: "var(--warning-line)",
  info: "var(--info-line)",
  debug: "var(--line-strong)",
  trace: "var(--line-strong)",
  unknown: "var(--line-strong)",
  ok: "var(--good-line)",
  unset: "var(--info-line)",
};

export function levelColor(level: string): string {
  return LEVELS[level] ?? "var(--line-strong)";
}

/** Canvas needs real colours: resolves `var(--name)` against the page as it looks now. */
export function realColor(color: string): string {
  const match = /^var\((--[\w-]+)\)$/.exec(color);
  return match?.[1] ? getComputedStyle(document.documentElement).getPropertyValue(match[1]).trim() : color;
}

/** Black or white, whichever reads better on a `#rrggbb`. */
export function readableOn(color: string): "#000000" | "#ffffff" {
  const linear = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = linear;
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? "#000000" : "#ffffff";
}
