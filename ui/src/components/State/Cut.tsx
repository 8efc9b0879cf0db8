import type { ReactNode } from "react";
import { formatExact } from "@/lib/format";
import { Notice } from "./State";

/** What a list that was cut holds, how much there is, and (as children) how to see the rest. Nothing where it is whole. */
export function Cut({
  shown,
  total,
  what,
  which = "busiest",
  children,
}: {
  shown: number;
  total: number;
  what: string;
  which?: string;
  children: ReactNode;
}) {
  if (total <= shown) return null;
  return (
    <Notice>
      The {formatExact(shown)} {which} of {formatExact(total)} {what} are shown: {children}
    </Notice>
  );
}

/** Above what a search found before it ran out of time or memory. */
export function Partial({ pages }: { pages: readonly { partial?: boolean }[] | undefined }) {
  if (!pages?.some((page) => page.partial)) return null;
  return (
    <Notice>
      This is right but not all: the search ran out of time. Choose a shorter range, or add a service to the search.
    </Notice>
  );
}
