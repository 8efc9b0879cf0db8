import { useQueryClient } from "@tanstack/react-query";
import { isBelow, useChange } from "@/api/queries";
import type { ReplayAsk, ReplayAsked, ReplayCancelled } from "@/api/types";

const TOUCHED = ["handler-runs", "handlers", "handler-replays"].map(isBelow);

/** Orders replays and calls them off; afterwards whatever shows runs is asked again. */
export function useReplay() {
  const client = useQueryClient();
  const again = () =>
    void client.invalidateQueries({ predicate: (query) => TOUCHED.some((touches) => touches(query)) });
  const ask = useChange<ReplayAsk, ReplayAsked>((body) => ({ path: "handler-replays", method: "POST", body }), []);
  const cancel = useChange<string, ReplayCancelled>(
    (batch) => ({ path: `handler-replays/${batch}`, method: "DELETE" }),
    [],
  );
  return {
    error: ask.error ?? cancel.error,
    busy: ask.isPending || cancel.isPending,
    ask: (body: ReplayAsk, then: (asked: ReplayAsked) => void) =>
      ask.mutate(body, {
        onSuccess: (asked) => {
          again();
          then(asked);
        },
      }),
    cancel: (batch: string) => cancel.mutate(batch, { onSuccess: again }),
  };
}
