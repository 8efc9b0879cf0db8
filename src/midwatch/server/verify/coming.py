"""Whether something that is declared comes: it does, it never did, or it has stopped."""

from dataclasses import dataclass

from midwatch.contract.duration import format_duration
from midwatch.contract.plan.telemetry import Declared
from midwatch.server.model.timerange import TimeRange
from midwatch.server.verify.asked import LOOK_BACK_SECONDS
from midwatch.server.verify.finding import Finding, State
from midwatch.server.verify.words import listed


@dataclass(frozen=True, slots=True)
class Came:
    """`first_ns` and `count` are of the range, `last_ns` may be before it."""

    count: float = 0
    first_ns: int | None = None
    last_ns: int | None = None


def judged(
    what: str, name: str, declared: Declared, came: Came, span: TimeRange, link: str
) -> tuple[State, Finding | None]:
    """Its state, and what is wrong about it. `what` is a word for its kind, such as `event`."""
    silent = None if came.last_ns is None else (span.end_ns - came.last_ns) / 1e9
    if declared.every is not None and silent is not None and silent <= declared.every:
        return "coming", None
    if came.count and declared.every is None:
        return "coming", None
    state: State = "never" if came.last_ns is None else "stopped"
    if declared.every is not None:
        expected = f"at least one every {format_duration(declared.every)}"
    elif declared.always:
        expected = f"some in {format_duration(round(span.seconds))}"
    else:
        expected = "that it comes"
    whose = f" Ask {declared.owner}." if declared.owner else ""
    where = f" in {listed(declared.services)}" if declared.services else ""
    if came.last_ns is None:
        looked = max(span.seconds, LOOK_BACK_SECONDS)
        found = f"none in {format_duration(round(looked))}"
        todo = f"Look whether the code that tells it{where} is deployed and reached, or take it out of the plan.{whose}"
    else:
        found = "none any more"
        todo = f"Look what has changed{where} since then: a deploy, a level, a filter.{whose}"
    finding = Finding(
        kind=f"{what.replace(' ', '_')}_{state}",
        severity="error" if declared.expected else "warning",
        subject=name,
        expected=expected,
        found=found,
        todo=todo,
        since_ns=came.last_ns,
        link=link,
    )
    return state, finding
