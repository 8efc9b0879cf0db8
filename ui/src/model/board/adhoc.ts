/** A board's filters of labels (Grafana's ad hoc variables): in the address, and as matchers beside each query. */
import type { BoardVariable } from "@/api/types";

export type Filter = NonNullable<BoardVariable["filters"]>[number];
export const OPERATORS = ["=", "!=", "=~", "!~"] as const;

/** `key|operator|value`, with `|` and `,` inside written as Grafana writes them. */
export function filterText({ key, operator, value }: Filter): string {
  return [key, operator, value].map((part) => part.replace(/\|/g, "__gfp__").replace(/,/g, "__gfc__")).join("|");
}

export function filterOf(text: string): Filter | null {
  // The operators of one among several have a bar of their own.
  const [, key, operator, value] = /^([^|]+)\|(=\||!=\||=~|!~|!=|=|<|>)\|(.*)$/s.exec(text) ?? [];
  if (!key || !operator || value === undefined) return null;
  const plain = (part: string) => part.replace(/__gfp__/g, "|").replace(/__gfc__/g, ",");
  return { key: plain(key), operator: operator as Filter["operator"], value: plain(value) };
}

/** Those in the address, else the board's own; an empty entry says that there are none. */
export function filtersOf(variable: BoardVariable, asked: readonly string[] | undefined): Filter[] {
  return asked ? asked.flatMap((text) => filterOf(text) ?? []) : (variable.filters ?? []);
}

/** As PromQL's matchers; empty where there are none. `<` and `>` compare numbers, which labels are not. */
export function matchersOf(filters: readonly Filter[]): string {
  const written = filters
    .filter(({ operator }) => operator !== "<" && operator !== ">")
    .map(({ key, operator, value }) => {
      const label = /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
      const plain = operator === "=|" ? "=" : operator === "!=|" ? "!=" : operator;
      return `${label}${plain}${JSON.stringify(value)}`;
    });
  return written.length > 0 ? `{${written.join(",")}}` : "";
}
