import { useQueryClient } from "@tanstack/react-query";
import { isBelow, useChange } from "@/api/queries";
import type { IssueChange, IssueList, IssueMerge, IssueSummary } from "@/api/types";

/** Everything that shows how issues stand. */
const TOUCHED = ["issues", "errors/events", "releases"].map(isBelow);

/** Asks anew whatever shows an issue. */
export function useIssuesAgain(): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ predicate: (query) => TOUCHED.some((touches) => touches(query)) });
}

/** What people do about issues; afterwards whatever shows one of them is asked again. */
export function useActs() {
  const again = useIssuesAgain();
  const change = useChange<IssueChange, IssueList>((body) => ({ path: "issues/changes", method: "POST", body }), []);
  const merge = useChange<IssueMerge, IssueSummary>((body) => ({ path: "issues/merges", method: "POST", body }), []);
  return {
    error: change.error ?? merge.error,
    busy: change.isPending || merge.isPending,
    change: (body: IssueChange, then?: () => void) =>
      change.mutate(body, {
        onSuccess: () => {
          again();
          then?.();
        },
      }),
    merge: (body: IssueMerge, then?: (into: IssueSummary) => void) =>
      merge.mutate(body, {
        onSuccess: (into) => {
          again();
          then?.(into);
        },
      }),
  };
}

export type Acts = ReturnType<typeof useActs>;
