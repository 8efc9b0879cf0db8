"""Ranges are walked from their newest end, no part twice, and no further than needed."""

import pytest

from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.windows import FIRST_SECONDS, backwards

DAY = TimeRange(0, 86_400 * 10**9)
FIRST_NS = FIRST_SECONDS * 10**9


def walked(span: TimeRange, wanted: int, per_hour: float) -> list[TimeRange]:
    """The parts, where so many are found in every hour."""
    parts: list[TimeRange] = []
    for part in backwards(span, wanted, lambda: int(per_hour * (span.end_ns - parts[-1].start_ns) / 3600e9)):
        parts.append(part)  # noqa: PERF402 - the lambda looks at it in between
    return parts


@pytest.mark.parametrize("per_hour", [0, 0.1, 4, 20, 1000])
def test_parts_touch_and_do_not_overlap(per_hour: float) -> None:
    """The first ends with the range; each ends where the one before began; the last begins within the range."""
    parts = walked(DAY, 21, per_hour)
    assert parts[0].end_ns == DAY.end_ns
    assert [part.end_ns for part in parts[1:]] == [part.start_ns for part in parts[:-1]]
    assert all(DAY.start_ns <= part.start_ns < part.end_ns for part in parts)
    assert parts[-1].start_ns == 0 or per_hour * (DAY.end_ns - parts[-1].start_ns) / 3600e9 >= 21


def test_it_goes_no_further_than_needed() -> None:
    """What the first part has is asked for once; what is rare, little further than where there is enough of it."""
    assert walked(DAY, 21, 1000) == [TimeRange(DAY.end_ns - FIRST_NS, DAY.end_ns)]
    assert DAY.end_ns - walked(DAY, 21, 4)[-1].start_ns < 8 * 3600 * 10**9


def test_what_is_nowhere_is_asked_for_a_few_times() -> None:
    """A year without any takes nine questions; a range shorter than the first part takes one."""
    year = TimeRange(0, 365 * DAY.end_ns)
    assert len(walked(year, 21, 0)) == 9
    assert walked(TimeRange(5, 6), 21, 0) == [TimeRange(5, 6)]
