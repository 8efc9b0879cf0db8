/** An object of JSON that somebody sent: nothing is certain to be in it. */
export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = {};

/** The fields of an object; none of what is no object, or a list. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : NOTHING;
}
