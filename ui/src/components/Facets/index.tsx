import { Skeleton } from "@mantine/core";
import { IconMinus } from "@tabler/icons-react";
import { useScopedApi } from "@/api/queries";
import type { Facets as FacetsAnswer } from "@/api/types";
import { LevelBadge } from "@/components/LevelBadge";
import { formatCount, formatExact, truncateMiddle } from "@/lib/format";
import { hasTerm, term } from "@/model/search";
import classes from "./Facets.module.css";

const TITLES: Record<string, string> = {
  level: "Level",
  service: "Service",
  env: "Environment",
  event: "Event",
  scope: "Logger",
  name: "Operation",
  kind: "Kind",
};

/** The most frequent values of some fields: a click filters, the minus leaves them out. */
export function Facets({
  path,
  query,
  onFilter,
}: {
  path: "logs/facets" | "traces/facets";
  query: string;
  onFilter: (field: string, value: string, exclude: boolean) => void;
}) {
  const facets = useScopedApi<FacetsAnswer>(path, { query });
  if (!facets.data) return <Skeleton height={240} aria-label="Loading facets" />;
  return (
    <div className={classes.facets} data-stale={facets.isPlaceholderData}>
      {facets.data.facets
        .filter((facet) => facet.values.length > 0)
        .map((facet) => (
          <details key={facet.field} open>
            <summary>
              {TITLES[facet.field] ?? facet.field} <span className="soft">{facet.distinct}</span>
            </summary>
            <ul>
              {facet.values.map((value) => (
                <li key={value.value} data-on={hasTerm(query, term(facet.field, value.value))}>
                  <button
                    type="button"
                    className={classes.value}
                    title={value.value}
                    onClick={() => onFilter(facet.field, value.value, false)}
                  >
                    <span className="truncate">
                      {facet.field === "level" ? <LevelBadge level={value.value} /> : truncateMiddle(value.value, 28)}
                    </span>
                    <span className={classes.count} title={formatExact(value.count)}>
                      {formatCount(value.count)}
                    </span>
                  </button>
                  <button
                    type="button"
                    className={classes.minus}
                    aria-label={`Leave out ${facet.field} ${value.value}`}
                    title="Leave out"
                    onClick={() => onFilter(facet.field, value.value, true)}
                  >
                    <IconMinus size={12} />
                  </button>
                </li>
              ))}
            </ul>
          </details>
        ))}
      {facets.data.sampled && <p className="soft small">Counts come from a part of this very large result.</p>}
    </div>
  );
}
