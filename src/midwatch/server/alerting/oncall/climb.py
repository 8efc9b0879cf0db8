"""How far up an alert has climbed that nobody acknowledged: which steps of its escalation are due by now."""

from dataclasses import dataclass
from itertools import accumulate

from midwatch.contract.plan.sections.on_call import Escalation, Step


@dataclass(frozen=True, slots=True)
class Due:
    """A step of one round, and how many seconds after the beginning it is due."""

    round: int
    number: int
    step: Step
    seconds: float


@dataclass(frozen=True, slots=True)
class Climbed:
    reached: tuple[Due, ...]
    """In order."""
    next_seconds: float | None
    """When the step after these is due; None: there is none."""


def climbed(escalation: Escalation, seconds: float) -> Climbed:
    """By so many seconds since somebody was first told."""
    steps = _all(escalation)
    reached = tuple(one for one in steps if one.seconds <= seconds)
    return Climbed(reached, steps[len(reached)].seconds if len(reached) < len(steps) else None)


def _all(escalation: Escalation) -> list[Due]:
    offsets = list(accumulate(step.after for step in escalation.steps))
    length = offsets[-1] + escalation.pause
    return [
        Due(turn, number, step, turn * length + offset)
        for turn in range(escalation.repeat + 1)
        for number, (step, offset) in enumerate(zip(escalation.steps, offsets, strict=True))
    ]
