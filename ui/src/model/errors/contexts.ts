import { fieldsOf } from "@/lib/fields";

export interface Told {
  title: string;
  values: Record<string, unknown>;
}

const TITLES: Record<string, string> = {
  browser: "Browser",
  os: "Operating system",
  client_os: "Operating system",
  device: "Device",
  runtime: "Runtime",
  app: "App",
  gpu: "Graphics",
  culture: "Language and region",
  cloud_resource: "Cloud",
  response: "Response",
  state: "State",
  react: "React component",
  attributes: "Attributes",
  resource: "Resource",
  report: "Report",
};
/** Shown elsewhere: the trace and the replay are links, and what SDKs say of themselves helps nobody. */
const HIDDEN = new Set(["trace", "replay", "profile", "otel"]);

/** What was told of an event, in the order in which it helps: request, user, contexts, extra data, versions. */
export function sectionsOf(event: Record<string, unknown>): Told[] {
  const { headers, data, cookies, env, query_string: query, ...request } = fieldsOf(event.request);
  const contexts = Object.entries(fieldsOf(event.contexts)).filter(([name]) => !HIDDEN.has(name));
  const all: Told[] = [
    { title: "Request", values: { ...request, ...(query === undefined ? {} : { query }) } },
    { title: "Request headers", values: fieldsOf(pairs(headers)) },
    {
      title: "Request body",
      values: typeof data === "object" ? fieldsOf(data) : data === undefined ? {} : { body: data },
    },
    { title: "Cookies", values: typeof cookies === "string" ? { cookies } : fieldsOf(cookies) },
    { title: "Request environment", values: fieldsOf(env) },
    { title: "User", values: fieldsOf(event.user) },
    ...contexts.map(([name, values]) => ({ title: TITLES[name] ?? name, values: without(fieldsOf(values), "type") })),
    { title: "Extra", values: fieldsOf(event.extra) },
    { title: "Packages", values: fieldsOf(event.modules) },
  ];
  return all.filter(({ values }) => Object.keys(values).length > 0);
}

/** Headers come as an object or as pairs. */
function pairs(value: unknown): unknown {
  return Array.isArray(value)
    ? Object.fromEntries(value.filter((one) => Array.isArray(one) && one.length === 2))
    : value;
}

function without(values: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
}

const DEPTH_MAX = 3;
const ROWS_MAX = 300;

/** Names and values of what may lie in each other: `geo.city`. What is deeper stays JSON; what has no value is left out. */
export function fieldRows(values: Record<string, unknown>, prefix = "", depth = 1): [string, string][] {
  const rows = Object.entries(values).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || value === "") return [];
    const key = prefix + name;
    const inside = fieldsOf(value);
    if (depth < DEPTH_MAX && Object.keys(inside).length > 0) return fieldRows(inside, `${key}.`, depth + 1);
    return [[key, typeof value === "string" ? value.replace(/^\n+/, "") : JSON.stringify(value)]];
  });
  return rows.slice(0, ROWS_MAX);
}
