import type { FieldInfo } from "@/api/types";
import { searchValue } from "@/lib/format";

/** What the end of a search's text asks to be completed: a field's name, or the value of a field. */
export type Unfinished = { kind: "name"; word: string } | { kind: "value"; field: string; word: string };

const NAME = /(?:^|[\s(-])([\w@][\w.@-]{0,59})$/;
const VALUE = /(?:^|[\s(-])([\w@][\w.@-]{0,59}):("?[^\s"()<>=*]*)$/;

export function unfinished(text: string): Unfinished | null {
  const value = VALUE.exec(text);
  if (value) return { kind: "value", field: value[1] ?? "", word: value[2] ?? "" };
  const name = NAME.exec(text);
  return name ? { kind: "name", word: name[1] ?? "" } : null;
}

export interface Suggestion {
  text: string;
  /** Its type, or how often it was seen. */
  note: string;
  /** The whole search once it is taken. */
  taken: string;
}

export function suggestNames(text: string, fields: readonly FieldInfo[], most: number): Suggestion[] {
  const asked = unfinished(text);
  if (asked?.kind !== "name") return [];
  const word = asked.word.toLowerCase();
  return fields
    .filter((field) => field.name.toLowerCase().includes(word))
    .sort((a, b) => Number(b.name.toLowerCase().startsWith(word)) - Number(a.name.toLowerCase().startsWith(word)))
    .slice(0, most)
    .map((field) => ({ text: field.name, note: field.type, taken: `${without(text, asked.word)}${field.name}:` }));
}

export function suggestValues(
  text: string,
  values: readonly { value: string; note: string }[],
  most: number,
): Suggestion[] {
  const asked = unfinished(text);
  if (asked?.kind !== "value") return [];
  const word = asked.word.replace(/^"/, "").toLowerCase();
  return values
    .filter(({ value }) => value.toLowerCase().includes(word))
    .slice(0, most)
    .map(({ value, note }) => ({
      text: value,
      note,
      taken: `${without(text, asked.word)}${searchValue(value)} `,
    }));
}

function without(text: string, word: string): string {
  return text.slice(0, text.length - word.length);
}
