"""Every question that is asked of a story, and the gravest answers first."""

from collections.abc import Callable, Sequence

from midwatch.server.query.story.lines import Line
from midwatch.server.query.story.remarks import correlation, duplicates, failures, gaps, retries, unfinished
from midwatch.server.query.story.remarks.remark import Remark, Weight

REMARKS_MAX = 50
_ORDER = (Weight.BAD, Weight.WARNING, Weight.NOTE)
_JUDGES: tuple[Callable[[Sequence[Line], int], list[Remark]], ...] = (
    failures.remarks,
    unfinished.remarks,
    gaps.remarks,
    duplicates.remarks,
    retries.remarks,
    correlation.remarks,
)


def remarks(lines: Sequence[Line], now_ns: int) -> list[Remark]:
    """The gravest first; `lines` in order of time."""
    found = [remark for judge in _JUDGES for remark in judge(lines, now_ns)]
    return sorted(found, key=lambda one: _ORDER.index(one.weight))[:REMARKS_MAX]
