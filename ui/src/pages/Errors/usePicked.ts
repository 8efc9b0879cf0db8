import { useState } from "react";
import { between } from "@/model/errors/issue";

/** Which rows of a list are picked; what is no longer listed is picked no more. With Shift all up to the one before. */
export function usePicked(listed: readonly number[]) {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [last, setLast] = useState<number>();
  const ids = listed.filter((id) => chosen.has(id));
  function toggle(id: number, withShift: boolean) {
    const next = new Set(ids);
    if (withShift && last !== undefined) for (const one of between(listed, last, id)) next.add(one);
    else if (!next.delete(id)) next.add(id);
    setChosen(next);
    setLast(id);
  }
  return {
    ids,
    has: (id: number) => chosen.has(id),
    toggle,
    all: () => setChosen(new Set(ids.length === listed.length ? [] : listed)),
    none: () => setChosen(new Set()),
  };
}

export type Picked = ReturnType<typeof usePicked>;
