"""A page that nobody acknowledges climbs, and begins anew, and ends."""

import pytest

from midwatch.contract.plan.sections.on_call import Escalation
from midwatch.server.alerting.oncall.climb import climbed

STEPS = [{"schedules": ("primary",)}, {"after": "10m", "people": ("bo",)}, {"after": "15m", "receivers": ("all",)}]
TWICE = Escalation.model_validate({"steps": tuple(STEPS), "repeat": 1, "pause": "5m"})


@pytest.mark.parametrize(
    ("seconds", "reached", "next_seconds"),
    [
        (0, [(0, 0)], 600),
        (599, [(0, 0)], 600),
        (600, [(0, 0), (0, 1)], 1500),
        (1500, [(0, 0), (0, 1), (0, 2)], 1800),
        (1800, [(0, 0), (0, 1), (0, 2), (1, 0)], 2400),
        (3300, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], None),
        (10**6, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], None),
    ],
)
def test_which_steps_are_due(seconds: float, reached: list[tuple[int, int]], next_seconds: float | None) -> None:
    """Each step so long after the one before, the next round after the pause, no more rounds than were asked for."""
    found = climbed(TWICE, seconds)
    assert [(one.round, one.number) for one in found.reached] == reached
    assert found.next_seconds == next_seconds


def test_one_step_is_told_again_after_the_pause() -> None:
    """An escalation of a single step repeats it."""
    one = Escalation.model_validate({"steps": tuple(STEPS[:1]), "repeat": 2, "pause": "2m"})
    assert [due.seconds for due in climbed(one, 10**6).reached] == [0, 120, 240]
