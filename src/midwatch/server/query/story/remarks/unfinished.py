"""What has not ended: a job that never began, a message without a call-back, a state that nobody left."""

from collections.abc import Sequence

from midwatch.server.query.story.lines import Line
from midwatch.server.query.story.open_ends import waits
from midwatch.server.query.story.remarks.remark import Remark, Weight, lasted, remark

PATIENCE_NS = 60 * 10**9
"""A story that goes on is not unfinished yet."""


def remarks(lines: Sequence[Line], now_ns: int) -> list[Remark]:
    return [
        remark("unfinished", Weight.WARNING, f"{one.what} for {lasted(now_ns - one.begun.time_ns)} by now", one.begun)
        for one in waits(lines)
        if one.ended is None and now_ns - one.begun.time_ns >= PATIENCE_NS
    ]
