import type { HandlerOrder, HandlerRun, ReplayBatch } from "@/api/types";
import type { BadgeTone } from "@/components/Badge";

/** Asked in the last minute: an app's question stays open for half of one. */
const LISTENS_MS = 90_000;

export const RUN_STATE: Record<HandlerRun["state"], { word: string; tone: BadgeTone; title: string }> = {
  failed: { word: "failed", tone: "bad", title: "It ended with an error" },
  stuck: {
    word: "stuck",
    tone: "warning",
    title: "It runs for longer than its handler may take, in a process that lives",
  },
  unknown: {
    word: "cut off",
    tone: "warning",
    title: "Its process died in the middle of it: nobody can say whether it had finished",
  },
  done: { word: "done", tone: "good", title: "It failed, and has finished since" },
};

const OUTCOME: Record<HandlerOrder["outcome"], { word: string; tone: BadgeTone }> = {
  "": { word: "", tone: "none" },
  done: { word: "ran", tone: "good" },
  failed: { word: "failed again", tone: "bad" },
  already_done: { word: "had finished already", tone: "good" },
  would_run: { word: "would run", tone: "good" },
  is_running: { word: "is running", tone: "info" },
  unknown: { word: "cut off", tone: "warning" },
  unknown_handler: { word: "no such handler", tone: "bad" },
  gone: { word: "not in the app’s store", tone: "bad" },
  cannot_open: { word: "cannot be opened", tone: "bad" },
  not_kept: { word: "arguments not kept", tone: "bad" },
  does_not_fit: { word: "does not fit any more", tone: "bad" },
  not_queued: { word: "not queued", tone: "bad" },
  queued: { word: "in its queue", tone: "info" },
  working: { word: "running", tone: "info" },
};

/** How an order stands, in a word and its colour. */
export function orderStanding(order: Pick<HandlerOrder, "state" | "outcome">): { word: string; tone: BadgeTone } {
  if (order.state === "cancelled") return { word: "called off", tone: "none" };
  if (order.state === "expired") return { word: "no app took it", tone: "warning" };
  if (order.outcome !== "") return OUTCOME[order.outcome];
  return order.state === "waiting" ? { word: "waits", tone: "info" } : { word: "given to the app", tone: "info" };
}

export function isOpen(order: Pick<HandlerOrder, "state"> | null | undefined): boolean {
  return order?.state === "waiting" || order?.state === "given";
}

/** Why a run cannot be ordered now; undefined where it can. */
export function refusalOf(run: Pick<HandlerRun, "state" | "refusal" | "order">): string | undefined {
  if (run.state === "done") return "It has finished since: what has finished is not run again.";
  if (run.state === "stuck") return "It runs still, and may finish: end the process in which it hangs first.";
  if (run.refusal !== "") return `It cannot be replayed: ${run.refusal}.`;
  if (isOpen(run.order)) return "It is ordered already.";
  return undefined;
}

/** Whether an app that has the handler is there to take an order. */
export function listens(asked: string | null, now: number): boolean {
  return asked !== null && now - Date.parse(asked) < LISTENS_MS;
}

/** How far a replay of many is. */
export function progressOf(batch: Pick<ReplayBatch, "counts">) {
  let open = 0;
  let well = 0;
  let total = 0;
  for (const { state, outcome, orders } of batch.counts) {
    total += orders;
    if (isOpen({ state })) open += orders;
    else if (orderStanding({ state, outcome }).tone === "good") well += orders;
  }
  return { total, open, over: total - open, well, ill: total - open - well };
}
