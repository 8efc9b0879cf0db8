import { useScopedApi } from "@/api/queries";
import type { TagList } from "@/api/types";
import { Empty, Loaded, LookFurther } from "@/components/State";
import { formatCount, formatExact, formatShare, plural } from "@/lib/format";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Issue.module.css";
import type { IssueSearch } from "./url";

/** What the issue's events have in common; a value leads to the events that have it. */
export function TagShares({ id }: { id: number }) {
  const query = useScopedApi<TagList>(`issues/${id}/tags`);
  const change = useSearchChange<IssueSearch>();
  return (
    <Loaded
      query={query}
      what="the tags"
      empty={(data) =>
        data.tags.length === 0 && (
          <Empty title="No tags here" action={<LookFurther />}>
            No event came in this time range.
          </Empty>
        )
      }
    >
      {(data) => (
        <div className={classes.shares}>
          {data.tags.map((tag) => (
            <section key={tag.name} aria-label={tag.name}>
              <h4>
                {tag.name}{" "}
                {tag.distinct > tag.values.length && (
                  <span className="small soft">
                    {tag.values.length} of {plural(tag.distinct, "value")}
                  </span>
                )}
              </h4>
              <ul>
                {tag.values.map(({ value, events }) => (
                  <li key={value}>
                    <button
                      type="button"
                      title={`Events with ${tag.name} ${value}`}
                      onClick={() => change({ tab: "events", tag: [`${tag.name}:${value}`] })}
                    >
                      <span className={classes.bar} style={{ width: `${(events / tag.total) * 100}%` }} />
                      <span className="truncate">{value}</span>
                      <span className="num" title={`${formatExact(events)} events`}>
                        {formatShare(events / tag.total)} · {formatCount(events)}
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </Loaded>
  );
}
