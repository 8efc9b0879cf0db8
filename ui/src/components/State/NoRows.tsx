import { Button } from "@mantine/core";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ApiError } from "@/api/client";
import { HowToSend } from "./Empties";
import { LookFurther } from "./LookFurther";
import { Empty, Failure, SkeletonRows } from "./State";

/** Where a search has no rows: that it failed, found nothing, was cancelled or still runs, and what to do next. */
export function NoRows({
  search,
  what,
  nothing,
  query,
  onQuery,
  onAgain,
}: {
  search: UseInfiniteQueryResult<unknown, ApiError>;
  /** What is searched for. */
  what: string;
  /** What it means that there are none though nothing was filtered. */
  nothing: string;
  query: string;
  onQuery: (query: string) => void;
  onAgain: () => void;
}) {
  // What is wrong about the search itself stands below its field.
  if (search.isError)
    return search.error.problem.code === "bad_query" ? null : (
      <Failure error={search.error} what={`the ${what}`} retry={onAgain} />
    );
  if (search.data && query)
    return (
      <Empty
        title={`No ${what} here`}
        action={
          <span className="row">
            <LookFurther />
            <Button variant="default" onClick={() => onQuery("")}>
              Clear the search
            </Button>
          </span>
        }
      >
        Nothing matches in this time range: widen it, or take out a filter.
      </Empty>
    );
  if (search.data)
    return (
      <Empty
        title={`No ${what} here`}
        action={
          <span className="row">
            <LookFurther />
            <HowToSend />
          </span>
        }
      >
        {nothing} Choose a longer range or other environments, or send something.
      </Empty>
    );
  if (search.fetchStatus !== "idle") return <SkeletonRows rows={16} />;
  return (
    <Empty
      title="The search was cancelled"
      action={
        <Button variant="default" onClick={onAgain}>
          Search again
        </Button>
      }
    />
  );
}
