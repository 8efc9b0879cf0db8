"""Where a page of traces ends, so that spans that come late move no trace from one page to another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from midwatch.server.model.errors import BadRequest
from midwatch.server.query.had import PREFIX, Had

_SEGMENT = f"lower(hex(substring(Segment, 1, {PREFIX // 2})))"

_CURSOR = re.compile(r"([0-9]{1,19})-([0-9a-f]{32})-([0-9a-fm]+)")


@dataclass(frozen=True, slots=True)
class TraceCursor:
    """The last trace of a page by the key that pages are ordered by, and the segments that the first page knew.

    A trace's key is of its spans: one more span, and it would stand before the page that is next, and be on none.
    """

    key: int
    trace_id: str
    known: Had

    def __str__(self) -> str:
        return f"{self.key}-{self.trace_id}-{self.known}"

    @classmethod
    def after(cls, key: int, trace_id: str, known: Had, page: Iterable[str]) -> "TraceCursor":
        """After a page with spans of these segments."""
        upto = max([known.upto, *(segment[:PREFIX] for segment in page)])
        return cls(key, trace_id, replace(known, upto=upto))

    @classmethod
    def read(cls, text: str) -> "TraceCursor":
        found = _CURSOR.fullmatch(text)
        known = Had.read(found[3]) if found else None
        if found is None or known is None or int(found[1]) >= 2**63:
            raise BadRequest(f"cursor={text[:60]!r}: expected a cursor as the API gives them")
        return cls(int(found[1]), found[2], known)


def first_page(had: Had, params: dict[str, Any]) -> str:
    """Condition that leaves out segments of which a later page could see more."""
    if not had.missing:
        return ""
    params["c_missing"] = sorted(had.missing)
    return f" AND NOT has({{c_missing:Array(String)}}, {_SEGMENT})"


def next_page(cursor: TraceCursor, params: dict[str, Any]) -> str:
    """Condition on what the first page knew."""
    params |= {"c_key": cursor.key, "c_trace": cursor.trace_id, "c_upto": cursor.known.upto}
    return f" AND {_SEGMENT} <= {{c_upto:String}}{first_page(cursor.known, params)}"
