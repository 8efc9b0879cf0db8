/**
 * What `$name` stands for in queries, titles and links: Grafana's rules. The server has the same
 * (server/dashboards/interpolation.py), and both are held to tests/golden/dashboards/interpolation.json.
 */
export type Language = "promql" | "logql" | "logs" | "traces" | "sql" | "text" | "url";

export interface Chosen {
  values: readonly string[];
  /** Several, or all, may be chosen: a query has to be ready for it. */
  many?: boolean;
  /** What stands for "All" by itself, as it is. */
  raw?: string;
  texts?: readonly string[];
}
export type Variables = Readonly<Record<string, Chosen>>;

/** `$name`, `[[name:format]]`, `${name.field:format}`. */
const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:}]+))?(?::([^}]+))?\}/g;

/** The text with every known variable filled in. An unknown one, and an unknown format, stay as they are written. */
export function interpolate(text: string, variables: Variables, language: Language): string {
  return text.replace(
    REFERENCE,
    (whole, plain?: string, square?: string, squareForm?: string, braced?: string, field?: string, form?: string) => {
      const name = plain ?? square ?? braced ?? "";
      const format = squareForm ?? form;
      const chosen = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (!chosen) return whole;
      if (field === "text" || format === "text") return forPeople(chosen);
      if (format === undefined) return DEFAULTS[language](chosen);
      return written(name, chosen, format) ?? whole;
    },
  );
}

/** The names that a text speaks of, each once, in order. */
export function namedIn(text: string): string[] {
  return [...new Set([...text.matchAll(REFERENCE)].map((found) => found[1] ?? found[2] ?? found[4] ?? ""))];
}

/** The text where variables have other names; each name is looked up once, so that two may trade theirs. */
export function renamedIn(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(REFERENCE, (whole, plain?: string, square?: string, _form?: string, braced?: string) => {
    const name = plain ?? square ?? braced ?? "";
    return whole.replace(name, () => names.get(name) ?? name);
  });
}

function written(name: string, chosen: Chosen, form: string): string | undefined {
  const [kind = "", ...rest] = form.split(":");
  const [only, ...more] = chosen.values;
  if (kind === "date" && only !== undefined && more.length === 0) return dateOf(only, rest.join(":"));
  const write = FORMATS[kind];
  return write && (chosen.raw ?? write(chosen.values, name));
}

/** A value within a regular expression that stands in a PromQL string: each backslash is two there. */
function regexInString(value: string): string {
  return value.replace(/[$^*{}[\]'+?.()|\\]/g, (sign) => (sign === "\\" ? "\\\\\\\\" : `\\\\${sign}`));
}

function inString(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function either(values: readonly string[], joint: string): string {
  return values.length === 1 ? (values[0] ?? "") : `(${values.join(joint)})`;
}

function forMatchers({ raw, many, values }: Chosen): string {
  if (raw !== undefined) return raw;
  if (!many && values.length === 1) return inString(values[0] ?? "");
  return either(values.map(regexInString), "|");
}

function forSearch({ raw, values }: Chosen): string {
  return raw ?? either(values.map(searchWord), " OR ");
}

function searchWord(value: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(value) ? value : `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`;
}

function forSql({ raw, many, values }: Chosen): string {
  if (raw !== undefined) return raw;
  if (!many && values.length === 1) return (values[0] ?? "").replace(/'/g, "''");
  return quoted(values, "'", "''");
}

function forPeople({ texts, values }: Chosen): string {
  return (texts && texts.length > 0 ? texts : values).join(" + ");
}

const DEFAULTS: Record<Language, (chosen: Chosen) => string> = {
  promql: forMatchers,
  logql: forMatchers,
  logs: forSearch,
  traces: forSearch,
  sql: forSql,
  text: forPeople,
  url: ({ raw, values }) => raw ?? encodeURIComponent(glob(values)),
};

function glob(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? "") : `{${values.join(",")}}`;
}

function quoted(values: readonly string[], sign: string, escaped: string): string {
  return values.map((value) => `${sign}${value.replaceAll(sign, escaped)}${sign}`).join(",");
}

const HTML: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const FORMATS: Record<string, (values: readonly string[], name: string) => string> = {
  raw: (values) => values.join(","),
  csv: (values) => values.join(","),
  pipe: (values) => values.join("|"),
  glob,
  regex: (values) =>
    either(
      values.map((value) => value.replace(/[\\^$*+?.()|[\]{}/-]/g, "\\$&")),
      "|",
    ),
  json: (values) => JSON.stringify(values.length === 1 ? values[0] : values),
  lucene: (values) => {
    const found = values.map((value) => value.replace(/[+\-=&|><!(){}[\]^"~*?:\\/ ]/g, "\\$&"));
    return found.length === 1 ? (found[0] ?? "") : `(${found.map((value) => `"${value}"`).join(" OR ")})`;
  },
  singlequote: (values) => quoted(values, "'", "\\'"),
  doublequote: (values) => quoted(values, '"', '\\"'),
  sqlstring: (values) => quoted(values, "'", "''"),
  percentencode: (values) => encodeURIComponent(glob(values)),
  queryparam: (values, name) =>
    values.map((value) => `var-${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&"),
  distributed: (values, name) => values.join(`,${name}=`),
  html: (values) => values.map((value) => value.replace(/[&<>"']/g, (sign) => HTML[sign] ?? sign)).join(", "),
};

/** `iso`, `seconds`, or of `YYYY MM DD HH mm ss`; in UTC. */
function dateOf(milliseconds: string, form: string): string {
  if (!/^-?\d+$/.test(milliseconds)) return milliseconds;
  if (form === "seconds") return String(Math.floor(Number(milliseconds) / 1000));
  const iso = new Date(Number(milliseconds)).toISOString();
  if (form === "" || form === "iso") return iso;
  const [year = "", month = "", day = "", hour = "", minute = "", second = ""] = iso.split(/[-T:.]/);
  const parts: Record<string, string> = { YYYY: year, MM: month, DD: day, HH: hour, mm: minute, ss: second };
  return form.replace(/YYYY|MM|DD|HH|mm|ss/g, (part) => parts[part] ?? part);
}
