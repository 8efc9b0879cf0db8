"""Services that take part and do not say the correlation id: their lines are found by their traces alone."""

from collections.abc import Sequence

from midwatch.server.model.story_id import IdKind
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.remarks.remark import Remark, Weight, remark

_TELLING = frozenset({LineKind.SPAN, LineKind.JOB, LineKind.LOG, LineKind.EVENT, LineKind.MESSAGE})


def remarks(lines: Sequence[Line], now_ns: int) -> list[Remark]:
    first: dict[str, Line] = {}
    saying = set()
    for line in lines:
        if line.kind in _TELLING and line.service:
            first.setdefault(line.service, line)
            if IdKind.CORRELATION in line.of_kinds:
                saying.add(line.service)
    if not saying:
        return []
    return [
        remark(
            "correlation",
            Weight.NOTE,
            f"{service} does not say the correlation id: its lines without a trace are not part of this",
            line,
        )
        for service, line in first.items()
        if service not in saying
    ]
