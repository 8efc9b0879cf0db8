import { Button } from "@mantine/core";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";

/** Asks for what follows, where there is more. */
export function More({ rows }: { rows: UseInfiniteQueryResult<unknown, Error> }) {
  if (!rows.hasNextPage) return null;
  return (
    <Button variant="default" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
      Show more
    </Button>
  );
}

/** The same below a table, after how many rows it has. */
export function MoreBelow({ rows }: { rows: UseInfiniteQueryResult<unknown, Error> }) {
  if (!rows.hasNextPage) return null;
  return (
    <>
      <span>shown, there are more</span>
      <More rows={rows} />
    </>
  );
}
