const SERIES = 8;

/** The same name has the same colour in every chart; errors are always the bad colour. */
export function seriesColor(name: string): string {
  if (/^(error|errors|fatal|failed|5xx)$/i.test(name)) return "var(--bad-line)";
  let hash = 2166136261;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 16777619);
  return `var(--series-${(hash >>> 0) % SERIES})`;
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
