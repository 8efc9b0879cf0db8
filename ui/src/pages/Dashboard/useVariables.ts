import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Answer, QueryData } from "@/api/prometheus";
import { type ApiError, type Params, request } from "@/api/client";
import { filtersOf, filterText, matchersOf } from "@/model/board/adhoc";
import type { BoardOption, BoardVariable } from "@/api/types";
import { interpolate, type Variables } from "@/model/board/interpolation";
import { builtIn, windowOf } from "@/model/board/intervals";
import { regexOf } from "@/model/board/looks";
import { chosenOf, optionsOf, pickedOf } from "@/model/board/variables";
import { selectorOf } from "@/model/series";
import { askedOf, type DashboardSearch } from "./url";

const STALE_MS = 60_000;
const POINTS = 1000;

/** A variable with what can be chosen, what is, and why nothing can. */
export interface Choice {
  variable: BoardVariable;
  options: readonly BoardOption[];
  picked: readonly string[];
  problem?: string;
}
export interface Choices {
  choices: readonly Choice[];
  variables: Variables;
  /** Of the ad hoc ones, as matchers. */
  filters: string;
}

/** A board's variables one after another, since a later one may ask with the value of an earlier one. */
export function useVariables(
  key: string,
  all: readonly BoardVariable[],
  search: DashboardSearch,
  startMs: number,
  endMs: number,
) {
  const client = useQueryClient();
  const asked = Object.fromEntries(all.map(({ name }) => [name, askedOf(search, name)]));
  return useQuery<Choices, ApiError>({
    queryKey: ["board-variables", key, all, asked, startMs, endMs],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const choices: Choice[] = [];
      let variables: Variables = builtIn(windowOf(startMs, endMs, POINTS));
      const filters = all.filter(isFilters).flatMap((one) => filtersOf(one, asked[one.name]));
      for (const variable of all) {
        if (isFilters(variable)) {
          const picked = filtersOf(variable, asked[variable.name]).map(filterText);
          choices.push({ variable, options: [], picked });
          continue;
        }
        const { answered, problem } = await answersOf(client, variable, variables, startMs, endMs);
        const options = optionsOf(variable, answered);
        const picked = pickedOf(variable, options, asked[variable.name]);
        choices.push({ variable, options, picked, ...(problem ? { problem } : {}) });
        variables = { ...variables, [variable.name]: chosenOf(variable, options, picked, endMs - startMs) };
      }
      return { choices, variables, filters: matchersOf(filters) };
    },
  });
}

function isFilters({ kind }: BoardVariable): boolean {
  return kind === "adhoc";
}

async function answersOf(
  client: QueryClient,
  variable: BoardVariable,
  variables: Variables,
  startMs: number,
  endMs: number,
): Promise<{ answered: readonly string[]; problem?: string }> {
  const { query } = variable;
  if (variable.kind !== "query" || !query) return { answered: [] };
  const language = query.language ?? "promql";
  const api = language === "logql" ? "/loki/api/v1" : "/prometheus/api/v1";
  // Whole minutes, so that boards opened one after another ask the same.
  const span: Params = { start: Math.floor(startMs / 60_000) * 60, end: Math.ceil(endMs / 60_000) * 60 };
  const match = query.match ? interpolate(query.match, variables, language) : undefined;
  const label = interpolate(query.label ?? "", variables, "text");
  const ask = async <T>(path: string, params: Params) => {
    const answer = await client.fetchQuery({
      queryKey: ["variable", path, params],
      queryFn: () => request<Answer<T>>(`${api}/${path}`, { params }),
      staleTime: STALE_MS,
      retry: false,
    });
    return answer.data;
  };
  const chosen = language === "logql" ? { query: match } : { "match[]": match };
  try {
    switch (query.kind) {
      case "label_values":
        return { answered: await ask<string[]>(`label/${encodeURIComponent(label)}/values`, { ...span, ...chosen }) };
      case "label_names": {
        const regex = match ? regexOf(match) : null;
        const names = await ask<string[]>("labels", span);
        return { answered: names.filter((name) => !regex || regex.test(name)) };
      }
      case "metrics": {
        const regex = match ? regexOf(match) : null;
        const names = await ask<string[]>("label/__name__/values", span);
        return { answered: names.filter((name) => !regex || regex.test(name)) };
      }
      case "series": {
        const found = await ask<Record<string, string>[]>("series", { ...span, ...chosen });
        return { answered: found.map(selectorOf) };
      }
      case "query_result": {
        const data = await ask<QueryData>("query", { query: match, time: span["end"] });
        return { answered: textsOf(data) };
      }
    }
  } catch (error) {
    return { answered: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

function textsOf(data: QueryData): string[] {
  if (data.resultType !== "vector") return [];
  return data.result.map(
    ({ metric, value }) => `${selectorOf(metric)} ${value?.[1] ?? ""} ${(value?.[0] ?? 0) * 1000}`,
  );
}
