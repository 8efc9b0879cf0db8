import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { ScopeSearch } from "@/app/search";
import { absoluteRange, DEFAULT_RANGE, type RangeText, widen } from "@/model/range";

/** The page's time range and environments, kept in the URL. */
export interface Scope {
  range: RangeText;
  env: readonly string[];
  /** For requests: `start`, `end`, `env`. */
  params: { start: string; end: string; env: readonly string[] };
  setRange: (range: RangeText) => void;
  setEnv: (env: readonly string[]) => void;
  /** Zoom to an absolute range; `zoomBack` returns to the one before. `more` of the page's own search changes with it. */
  zoomTo: (startMs: number, endMs: number, more?: object) => void;
  zoomBack: (more?: object) => void;
}

const zoomed: RangeText[] = [];
const ZOOM_STEPS_MAX = 50;

export function useScope(): Scope {
  const search = useSearch({ strict: false }) as ScopeSearch;
  const navigate = useNavigate();
  const start = search.start ?? DEFAULT_RANGE.start;
  const end = search.end ?? DEFAULT_RANGE.end;
  const envKey = (search.env ?? []).join("\n");

  const change = useCallback(
    (part: ScopeSearch & object) => {
      void navigate({ to: ".", resetScroll: false, search: ((before: object) => ({ ...before, ...part })) as never });
    },
    [navigate],
  );

  return useMemo(() => {
    const range = { start, end };
    const env = envKey === "" ? [] : envKey.split("\n");
    const setRange = (next: RangeText, more: object = {}) =>
      change(
        next.start === DEFAULT_RANGE.start && next.end === DEFAULT_RANGE.end
          ? { ...more, start: undefined, end: undefined }
          : { ...more, start: next.start, end: next.end },
      );
    return {
      range,
      env,
      params: { start, end, env },
      setRange,
      setEnv: (next) => change({ env: next.length > 0 ? [...next] : undefined }),
      zoomTo: (startMs, endMs, more) => {
        zoomed.push(range);
        if (zoomed.length > ZOOM_STEPS_MAX) zoomed.shift();
        setRange(absoluteRange(startMs, endMs), more);
      },
      zoomBack: (more) => setRange(zoomed.pop() ?? widen(range, Date.now()), more),
    };
  }, [start, end, envKey, change]);
}
