import { LIVE_MS } from "@/api/queries";
import { useLive } from "@/state/live";

const EVERY_MS = 10_000;

/** Home stays open on a screen, and its answer rests on all of it: everything is asked again, live or not. */
export function useAskedAgain(): { everyMs: number } {
  const { live } = useLive();
  return { everyMs: live ? LIVE_MS : EVERY_MS };
}
