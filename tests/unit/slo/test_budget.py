"""What is left of a budget, counted by events, without the times that do not count."""

import pytest

from midwatch.server.slo.budget import Counted, Interval, budget_of, excluded, questions
from midwatch.server.slo.objective import Objective, Ratio, RawRatio

HOUR = 3600.0
ONE = Objective("api", "availability", 0.99, Ratio("e[{{.window}}]", "t[{{.window}}]"))


@pytest.mark.parametrize(
    ("errors", "total", "left"),
    [(0.0, 10.0, 1.0), (0.05, 10.0, 0.5), (0.1, 10.0, 0.0), (0.2, 10.0, -1.0), (10.0, 10.0, -99.0)],
)
def test_what_is_left(errors: float, total: float, left: float) -> None:
    """At half of the allowed errors half is left; below nothing it is negative."""
    found = budget_of(ONE, Counted(errors, total, 30 * 24 * HOUR))
    assert found.left == pytest.approx(left)


def test_where_nothing_happened_nothing_is_known() -> None:
    """No event is neither good nor bad; a window that does not count at all is the same."""
    assert budget_of(ONE, Counted(0.0, 0.0, HOUR)).left is None
    assert budget_of(ONE, Counted(1.0, 10.0, HOUR), [Counted(1.0, 10.0, HOUR)]).left is None


def test_maintenance_does_not_count() -> None:
    """All errors were in the two hours of maintenance: the whole budget is left."""
    out = Counted(1.0, 10.0, 2 * HOUR)
    whole = Counted(2 * HOUR / (20 * HOUR), 10.0, 20 * HOUR)
    assert budget_of(ONE, whole).left == pytest.approx(0.0)
    found = budget_of(ONE, whole, [out])
    assert found.left == pytest.approx(1.0)
    assert found.excluded_seconds == 2 * HOUR


def test_intervals_are_cut_to_the_window_and_joined() -> None:
    """What overlaps is counted once, what lies outside not at all."""
    given = [Interval(50, 70), Interval(0, 20), Interval(60, 80), Interval(95, 200), Interval(300, 400)]
    assert excluded(given, 10, 100) == [Interval(10, 20), Interval(50, 80), Interval(95, 100)]


def test_the_questions() -> None:
    """Of events their two queries; of a raw ratio itself, as if there was one event."""
    assert questions(ONE, 90) == ("e[90s]", "t[90s]")
    raw = Objective("a", "b", 0.9, RawRatio("r[{{.window}}]"))
    assert questions(raw, 3600) == ("(r[1h])", "vector(1)")
