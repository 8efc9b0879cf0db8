"""The same thing again after it failed."""

from collections.abc import Hashable, Sequence

from midwatch.server.model.story_id import IdKind
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.remarks.remark import Remark, Weight, remark, short

_OUTBOUND = frozenset({"client", "producer"})


def remarks(lines: Sequence[Line], now_ns: int) -> list[Remark]:
    found = []
    for some in _attempts(lines):
        first, last = some[0], some[-1]
        tried = max(last.attempt, len(some))
        how = "and failed at last" if last.failed else f"and succeeded at attempt {tried}"
        weight = Weight.BAD if last.failed else Weight.NOTE
        text = f"{short(first.title)} of {first.service} was tried {tried} times {how}"
        found.append(remark("retry", weight, text, *some))
    return found


def _attempts(lines: Sequence[Line]) -> list[list[Line]]:
    """Runs of one job, or calls of one name that one span made, where a later one says so or an earlier one failed."""
    groups: dict[Hashable, list[Line]] = {}
    for line in lines:
        if line.kind is LineKind.JOB:
            groups.setdefault((line.service, line.title, line.value_of(IdKind.JOB) or line.trace_id), []).append(line)
        elif line.kind is LineKind.SPAN and (line.span_kind in _OUTBOUND or line.failed):
            groups.setdefault((line.service, line.title, line.trace_id, line.parent_span_id), []).append(line)
    return [some for some in groups.values() if _again(some)]


def _again(some: Sequence[Line]) -> bool:
    if some[-1].attempt > 1:
        return True
    failed = next((line for line in some if line.failed), None)
    return failed is not None and any(line.time_ns >= failed.end_ns and line is not failed for line in some)
