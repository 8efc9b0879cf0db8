import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { textOf } from "@/app/search";
import { useListKeys } from "@/lib/useListKeys";

/** Which row of a list is open, in a drawer or, with `full`, on the whole page. */
export interface OpenSearch {
  open?: string;
  full?: string;
}

export function validateOpen(raw: Record<string, unknown>): OpenSearch {
  return { open: textOf(raw, "open"), full: textOf(raw, "full") };
}

export const CLOSED: OpenSearch = { open: undefined, full: undefined };

/** Changes a part of the page's own search; `replace` where going back should skip it. */
export function useSearchChange<Search extends object>(): (part: Search, replace?: boolean) => void {
  const navigate = useNavigate();
  return useCallback(
    (part, replace = false) =>
      void navigate({
        to: ".",
        resetScroll: false,
        replace,
        search: ((before: object) => ({ ...before, ...part })) as never,
      }),
    [navigate],
  );
}

/** A list that is walked by keys: Enter opens the row's drawer, Enter again fills the page. Kept in the URL. */
export function useOpened(ids: readonly string[]) {
  const { open: id, full } = useSearch({ strict: false }) as OpenSearch;
  const change = useSearchChange<OpenSearch>();
  const [marked, setMarked] = useState<string>();
  const current = id ?? marked;
  const at = current === undefined ? -1 : ids.indexOf(current);
  const open = (next: string) => {
    setMarked(next);
    change({ open: next });
  };
  useListKeys({
    count: full ? 0 : ids.length,
    current: at,
    onMove: (next) => {
      const moved = ids[next];
      if (moved === undefined) return;
      setMarked(moved);
      if (id !== undefined) change({ open: moved }, true);
    },
    onOpen: (next) => (id === undefined ? open(ids[next] ?? "") : change({ full: "1" })),
  });
  return {
    id,
    full: full !== undefined && id !== undefined,
    current,
    at,
    open,
    fill: () => change({ full: "1" }),
    shrink: () => change({ full: undefined }),
    close: () => change(CLOSED),
  };
}

export type Opened = ReturnType<typeof useOpened>;
