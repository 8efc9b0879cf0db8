"""The same thing again after it failed."""

from collections.abc import Hashable, Sequence

from midwatch.server.model.story_id import IdKind
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.remarks.remark import Remark, Weight, remark, short

_OUTBOUND = frozenset({"client", "producer"})


def remarks(lines: Sequence[Line], now_ns: int) -> list[Remark]:
    found = []
    for some in _attempts(lines):
        failed = [line for line in some if line.failed]
        again = [line for line in some if failed and line.time_ns >= failed[0].end_ns and line is not failed[0]]
        if not again:
            continue
        last = some[-1]
        how = "and failed at last" if last.failed else f"and succeeded at attempt {len(some)}"
        weight = Weight.BAD if last.failed else Weight.NOTE
        text = f"{short(last.title)} of {last.service} was tried {len(some)} times {how}"
        found.append(remark("retry", weight, text, *some))
    return found


def _attempts(lines: Sequence[Line]) -> list[list[Line]]:
    """Runs of one job; or calls of one name that one span made."""
    groups: dict[Hashable, list[Line]] = {}
    for line in lines:
        if line.kind is LineKind.JOB:
            groups.setdefault((line.service, line.title, line.value_of(IdKind.JOB) or line.trace_id), []).append(line)
        elif line.kind is LineKind.SPAN and (line.span_kind in _OUTBOUND or line.failed):
            groups.setdefault((line.service, line.title, line.trace_id, line.parent_span_id), []).append(line)
    return [some for some in groups.values() if len(some) > 1]
