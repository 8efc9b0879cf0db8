import { useQueryClient } from "@tanstack/react-query";
import { useChange } from "@/api/queries";
import type { IssueChange, IssueList, IssueMerge, IssueSummary } from "@/api/types";

/** Everything that shows how issues stand, by its path; one of them by its own id comes on top. */
export const ISSUE_TOUCHES = ["issues", "errors/events", "releases"];

/** What people do about issues; afterwards whatever shows one of them is asked again. */
export function useActs() {
  const client = useQueryClient();
  const again = () =>
    void client.invalidateQueries({
      predicate: ({ queryKey: [path] }) =>
        typeof path === "string" && ISSUE_TOUCHES.some((one) => path === one || path.startsWith(`${one}/`)),
    });
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
    again,
  };
}

export type Acts = ReturnType<typeof useActs>;
