/** How search parameters are written: plain text, lists as a repeated name. */
export type RawSearch = Record<string, string | string[]>;

export function parseSearch(text: string): RawSearch {
  const raw: RawSearch = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = raw[name];
    raw[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return raw;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === "" || value === false) continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  // Colons, slashes and commas are allowed in a query and easier to read as they are.
  const written = params.toString().replace(/%3A/g, ":").replace(/%2F/g, "/").replace(/%2C/g, ",");
  return written ? `?${written}` : "";
}

export function textOf(raw: Record<string, unknown>, name: string): string | undefined {
  const value = raw[name];
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" && first !== "" ? first : undefined;
}

/** A number from 0 up. */
export function numberOf(raw: Record<string, unknown>, name: string): number | undefined {
  const text = typeof raw[name] === "number" ? String(raw[name]) : textOf(raw, name);
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
}

export function listOf(raw: Record<string, unknown>, name: string): string[] | undefined {
  const value = raw[name];
  const list = Array.isArray(value)
    ? value.filter((one) => typeof one === "string")
    : typeof value === "string"
      ? [value]
      : [];
  return list.length > 0 ? list : undefined;
}

export function oneOf<T extends string>(
  raw: Record<string, unknown>,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = textOf(raw, name);
  return allowed.find((one) => one === text);
}

/** Search parameters that every page has. */
export interface ScopeSearch {
  start?: string;
  end?: string;
  env?: string[];
}

export function validateScope(raw: Record<string, unknown>): ScopeSearch {
  return { start: textOf(raw, "start"), end: textOf(raw, "end"), env: listOf(raw, "env") };
}
