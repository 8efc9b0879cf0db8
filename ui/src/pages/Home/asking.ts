/** Home stays open on a screen, and its answer rests on all of it: everything is asked again, whether the page is live or not. */
export const ASKED_AGAIN = { everyMs: 10_000 };
