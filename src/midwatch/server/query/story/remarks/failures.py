"""What failed, each thing once however many lines tell of it."""

from collections.abc import Sequence

from midwatch.server.query.story.deliveries import Delivery, delivery_of
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.remarks.remark import Remark, Weight, remark, short

_ORDER = (LineKind.ERROR, LineKind.JOB, LineKind.SPAN, LineKind.EVENT, LineKind.MESSAGE, LineKind.LOG)
"""Who tells of a failure best."""


def remarks(lines: Sequence[Line], now_ns: int) -> list[Remark]:
    """Lines of one span are one failure; so are those of one service with one title."""
    by_span: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if (line.failed or _did_not_arrive(line)) and line.kind in _ORDER:
            place = (line.trace_id, line.span_id) if line.span_id else ("", line.key)
            by_span.setdefault(place, []).append(line)
    by_title: dict[tuple[str, str], list[Line]] = {}
    for some in by_span.values():
        best = min(some, key=lambda line: (_ORDER.index(line.kind), line.time_ns))
        by_title.setdefault((best.service, best.title), []).append(best)
    found = []
    for (service, title), some in by_title.items():
        times = f" {len(some)} times" if len(some) > 1 else ""
        detail = f": {short(some[0].detail)}" if some[0].detail else ""
        what = f"failed{times}" if some[0].failed else f"says{times} that a message did not arrive,"
        found.append(remark("failure", Weight.BAD, f"{short(title)} {what} in {service}{detail}", *some))
    return found


def _did_not_arrive(line: Line) -> bool:
    """Of a level that is no error: who tells of it has only heard of it."""
    return line.kind is LineKind.MESSAGE and delivery_of(line) is Delivery.REFUSED
