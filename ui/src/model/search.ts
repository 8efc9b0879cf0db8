import { searchValue } from "@/lib/format";

/** One term of a search: `field:value`, excluded with a minus. */
export function term(field: string, value: string, exclude = false): string {
  return `${exclude ? "-" : ""}${field}:${searchValue(value)}`;
}

/** The search with a term added; the opposite term is taken out, and the same term is not added twice. */
export function withTerm(query: string, field: string, value: string, exclude = false): string {
  const wanted = term(field, value, exclude);
  const rest = without(query, term(field, value, !exclude));
  return hasTerm(rest, wanted) ? rest : `${rest} ${wanted}`.trim();
}

/** The search with a term added, or taken out where it is there. */
export function toggleTerm(query: string, field: string, value: string, exclude = false): string {
  const wanted = term(field, value, exclude);
  return hasTerm(query, wanted) ? without(query, wanted) : withTerm(query, field, value, exclude);
}

export function hasTerm(query: string, wanted: string): boolean {
  return terms(query).includes(wanted);
}

export function without(query: string, unwanted: string): string {
  return terms(query)
    .filter((one) => one !== unwanted)
    .join(" ");
}

/** Splits at spaces outside of quotes and parentheses. */
export function terms(query: string): string[] {
  const found: string[] = [];
  let current = "";
  let quoted = false;
  let depth = 0;
  for (let at = 0; at < query.length; at++) {
    const character = query[at] ?? "";
    if (character === "\\") {
      current += character + (query[at + 1] ?? "");
      at++;
      continue;
    }
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === "(") depth++;
    else if (!quoted && character === ")") depth--;
    if (character === " " && !quoted && depth <= 0) {
      if (current) found.push(current);
      current = "";
    } else current += character;
  }
  if (current) found.push(current);
  return found;
}
