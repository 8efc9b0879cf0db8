import { useCallback, useMemo, useRef, useState } from "react";
import type { Dashboard } from "@/api/types";
import { withCopy, withNewPanel } from "@/model/board/editing";

const UNDO_MAX = 100;

type Draft = Dashboard | null;
/** The panel that is moved by keys, and how everything was before. */
interface Placing {
  id: number;
  before: Draft;
  past: readonly Draft[];
}

/** What was changed of a board and is not saved: a draft beside what the server has, and the way back. */
export function useEdits(saved: Dashboard, savedVersion: number | null) {
  const [draft, setDraft] = useState<Draft>(null);
  const [past, setPast] = useState<readonly Draft[]>([]);
  const [placing, setPlacing] = useState<Placing | null>(null);
  // The version that the draft was made of, whatever the server has by now.
  const version = useRef<number | null>(null);
  // Also true before the next rendering.
  const latest = useRef<{ draft: Draft; saved: Dashboard }>({ draft, saved });
  latest.current.saved = saved;

  /** For now: it cannot be undone, since what is shown next takes its place. */
  const show = useCallback(
    (board: Draft) => {
      if (latest.current.draft === null) version.current = savedVersion;
      latest.current.draft = board;
      setDraft(board);
    },
    [savedVersion],
  );
  const keep = useCallback(
    (board: Dashboard, before: Draft) => {
      setPast((all) => [...all.slice(1 - UNDO_MAX), before]);
      show(board);
    },
    [show],
  );
  const acts = useMemo(() => {
    const now = () => latest.current.draft ?? latest.current.saved;
    return {
      now,
      show,
      keep,
      draftNow: () => latest.current.draft,
      put: (board: Dashboard) => board !== now() && keep(board, latest.current.draft),
      unsaved: () => latest.current.draft !== null,
      discard: () => {
        show(null);
        setPast([]);
        setPlacing(null);
      },
      add: (row?: number) => {
        const { board, panel } = withNewPanel(now(), row);
        keep(board, latest.current.draft);
        return panel.id;
      },
      copy: (id: number) => keep(withCopy(now(), id), latest.current.draft),
    };
  }, [keep, show]);
  return {
    ...acts,
    draft,
    version: draft ? version.current : null,
    undo:
      past.length > 0
        ? () => {
            show(past.at(-1) ?? null);
            setPast(past.slice(0, -1));
            setPlacing(null);
          }
        : undefined,
    placing: placing?.id,
    place: (id: number) => setPlacing({ id, before: draft, past }),
    placed: () => setPlacing(null),
    /** Everything as it was before the panel was moved. */
    putBack: () => {
      if (!placing) return;
      show(placing.before);
      setPast(placing.past);
      setPlacing(null);
    },
  };
}
export type Edits = ReturnType<typeof useEdits>;
