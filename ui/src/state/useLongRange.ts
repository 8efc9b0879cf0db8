import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ScopeSearch } from "@/app/search";

const RANGE = { start: "now-30d", end: "now" };

/** Chooses thirty days where no range was chosen: of what is looked at over weeks, the last hour says too little. Whether there is a range. */
export function useLongRange(): boolean {
  const { start } = useSearch({ strict: false }) as ScopeSearch;
  const navigate = useNavigate();
  const unchosen = start === undefined;
  useEffect(() => {
    if (unchosen)
      void navigate({ to: ".", replace: true, search: ((before: object) => ({ ...before, ...RANGE })) as never });
  }, [unchosen, navigate]);
  return !unchosen;
}
