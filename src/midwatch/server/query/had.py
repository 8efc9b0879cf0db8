"""Which segments a reader has had: what a tail and a page go on from, however late other segments become visible."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

SETTLED_SECONDS = 10
"""A segment is visible by then on every replica, unless our own log says that it waits."""
SEEN_MAX = 64
"""Segments that are named as seen; what is older than these counts as had."""
PREFIX = 16
"""Hexadecimal digits of a segment's id that tell it from others: its millisecond and twelve random bits."""
_HAD = re.compile(r"([0-9a-f]{16})((?:m[0-9a-f]{16})*)((?:s[0-9a-f]{16})*)(?:p([0-9a-f]{16})\.(\d{1,10}))?")

Waiting = Callable[[], Collection[str]]
"""Segments that this server has acknowledged and that queries do not see yet, or see in part."""


@dataclass(frozen=True, slots=True)
class Had:
    """What a reader has had: every segment up to `upto` but `missing`; of later ones `seen`; and the beginning of one.

    Segments stand here as the first digits of their ids. `partly` is one with the row up to which it was had.
    """

    upto: str
    missing: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    partly: tuple[str, int] | None = None

    def __contains__(self, segment: str) -> bool:
        name = segment[:PREFIX]
        return name in self.seen or (name <= self.upto and name not in self.missing)

    def __str__(self) -> str:
        missing = "".join(f"m{name}" for name in sorted(self.missing))
        seen = "".join(f"s{name}" for name in sorted(self.seen))
        return f"{self.upto}{missing}{seen}" + (f"p{self.partly[0]}.{self.partly[1]}" if self.partly else "")

    @classmethod
    def read(cls, text: str) -> "Had | None":
        """None for what `str` never made."""
        found = _HAD.fullmatch(text)
        if found is None or int(found[5] or 0) >= 2**32:
            return None
        missing, seen = (frozenset(filter(None, re.split("[ms]", names))) for names in (found[2], found[3]))
        return cls(found[1], missing, seen, (found[4], int(found[5])) if found[4] else None)

    @classmethod
    def as_of(cls, now_ns: int, waiting: Collection[str]) -> "Had":
        """What is visible when these wait and that is the time."""
        return cls(_first_of(now_ns), frozenset(segment[:PREFIX] for segment in waiting))

    def before(self, segment: str, row: int, among: Collection[str]) -> "Had":
        """With the whole of those `among` that come before this segment, and of it the rows before this one."""
        whole = frozenset(other[:PREFIX] for other in among if other < segment)
        partly = (segment[:PREFIX], row - 1) if row else None
        return replace(self, seen=self.seen | whole, partly=partly)

    def settled(self, also: Collection[str], waiting: Collection[str], now_ns: int) -> "Had":
        """With all of these segments, and as short as it can be said."""
        seen = sorted(self.seen.union(segment[:PREFIX] for segment in also))
        upto = max([self.upto, _first_of(now_ns - SETTLED_SECONDS * 10**9), *seen[:-SEEN_MAX]])
        names = {segment[:PREFIX] for segment in waiting}
        return Had(upto, frozenset(name for name in names if name <= upto), frozenset(n for n in seen if n > upto))


def _first_of(time_ns: int) -> str:
    """What is not greater than any segment that was begun at this time or later."""
    return f"{max(0, time_ns // 10**6):012x}0000"
