import { Button, Skeleton } from "@mantine/core";
import { IconFilter, IconMinus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useScopedApi } from "@/api/queries";
import type { Facets as FacetsAnswer } from "@/api/types";
import { LevelBadge } from "@/components/LevelBadge";
import { Middle } from "@/components/Middle";
import { formatCount, formatExact } from "@/lib/format";
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

/** Where filters stand: beside the list, or, on a narrow page, above it and folded. */
export function FilterPane({ label = "Filters", children }: { label?: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <div className={classes.pane}>
      <Button
        variant="default"
        className={classes.unfold}
        leftSection={<IconFilter size={14} />}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {open ? `Hide ${label.toLowerCase()}` : label}
      </Button>
      <aside className={classes.aside} data-open={open} aria-label={label}>
        {children}
      </aside>
    </div>
  );
}

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
  // What is wrong about the search itself stands below its field.
  if (!facets.data && facets.error?.problem.code === "bad_query") return null;
  if (!facets.data && facets.isError)
    return <p className="soft small">Values cannot be counted: {facets.error.message}</p>;
  if (!facets.data) return <Skeleton height={240} aria-label="Loading facets" />;
  return (
    <div className={classes.facets} data-stale={facets.isPlaceholderData}>
      {facets.data.facets
        .filter((facet) => facet.values.length > 0)
        .map((facet) => (
          <details key={facet.field} open>
            <summary>
              {TITLES[facet.field] ?? facet.field}{" "}
              <span className="soft" title="Different values">
                {facet.distinct > facet.values.length && `${facet.values.length} of `}
                {formatExact(facet.distinct)}
              </span>
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
                    {facet.field === "level" ? (
                      <LevelBadge level={value.value} />
                    ) : (
                      <Middle text={value.value || "(none)"} />
                    )}
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
      {facets.data.sampled && (
        <p className="soft small">
          These counts are of a part of a very large result: choose a shorter range, or search more narrowly, for all.
        </p>
      )}
    </div>
  );
}
