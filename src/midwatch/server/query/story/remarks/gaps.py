"""Times in which nothing was told while something was waited for."""

from collections.abc import Sequence
from itertools import pairwise

from midwatch.server.query.story.lines import AROUND, Line
from midwatch.server.query.story.open_ends import waits
from midwatch.server.query.story.remarks.remark import Remark, Weight, lasted, remark

GAP_NS = 30 * 10**9
GAPS_MAX = 5


def remarks(lines: Sequence[Line], now_ns: int) -> list[Remark]:
    """The longest ones. A span that goes on fills its time."""
    told = [line for line in lines if line.kind not in AROUND]
    open_ends = [one for one in waits(told) if one.ended is not None]
    found: list[tuple[int, Remark]] = []
    until_ns = 0
    for before, after in pairwise(told):
        until_ns = max(until_ns, before.end_ns)
        gap_ns = after.time_ns - until_ns
        if gap_ns < GAP_NS:
            continue
        waiting = [one.what for one in open_ends if one.at(after.time_ns - 1) and one.begun.time_ns <= before.time_ns]
        if waiting:
            text = f"nothing was told for {lasted(gap_ns)} while {waiting[0]}"
            more = f", and {len(waiting) - 1} more waited" if len(waiting) > 1 else ""
            found.append((gap_ns, remark("gap", Weight.WARNING, text + more, before, after)))
    return [one for _, one in sorted(found, key=lambda pair: -pair[0])[:GAPS_MAX]]
