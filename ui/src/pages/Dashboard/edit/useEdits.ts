import { useCallback, useRef, useState } from "react";
import type { Dashboard } from "@/api/types";
import { withCopy, withNewPanel, withPlace } from "@/model/board/editing";
import type { By } from "../Placing";

/** What was changed of a board and is not saved: a draft beside what the server has. */
export function useEdits(saved: Dashboard, savedVersion: number | null) {
  const [draft, setDraft] = useState<Dashboard | null>(null);
  const [placing, setPlacing] = useState<number | null>(null);
  // The version that the draft was made of, whatever the server has by now.
  const version = useRef<number | null>(null);
  const now = draft ?? saved;
  const latest = useRef(draft);
  const put = useCallback(
    (board: Dashboard | null) => {
      if (latest.current === null) version.current = savedVersion;
      latest.current = board;
      setDraft(board);
    },
    [savedVersion],
  );
  return {
    draft,
    put,
    version: draft ? version.current : null,
    /** Asked while the page is being left: also true before the next rendering. */
    unsaved: () => latest.current !== null,
    discard: () => {
      put(null);
      setPlacing(null);
    },
    add: () => {
      const { board, panel } = withNewPanel(now);
      put(board);
      return panel.id;
    },
    copy: (id: number) => put(withCopy(now, id)),
    place: setPlacing,
    placingOf: (id: number) =>
      id === placing ? { onMove: (by: By) => put(withPlace(now, id, by)), onDone: () => setPlacing(null) } : undefined,
  };
}
