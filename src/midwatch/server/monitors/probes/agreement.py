"""From the locations' words to the probe's own state. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.monitors.probes.judgement import SECOND, Standing, State

SILENT_SECONDS = 30.0
"""How much later than its interval, attempts and retries a location may tell before it counts as silent."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a location said last."""

    standing: Standing
    at_ns: int


@dataclass(frozen=True, slots=True)
class Agreed:
    state: State
    reason: str = ""
    detail: str = ""
    flapping: bool = False
    down: tuple[str, ...] = ()
    """The locations that see it down."""


def silent_after_ns(probe: Probe) -> int:
    return int((probe.interval + probe.timeout + probe.retry_after + SILENT_SECONDS) * SECOND)


def agreed(words: Mapping[str, Word], probe: Probe, quorum: int | None, now_ns: int) -> Agreed:
    """Down when the quorum says so, of those that know; with nobody who knows it is unknown.

    A location that is silent or blind does not count; a quorum that is larger than who is left asks for all of them:
    losing a location must not hide that something is down.
    """
    heard = {name: word for name, word in words.items() if now_ns - word.at_ns <= silent_after_ns(probe)}
    known = {name: word.standing for name, word in heard.items() if word.standing.state in (State.UP, State.DOWN)}
    down = tuple(sorted(name for name, standing in known.items() if standing.state is State.DOWN))
    flapping = any(standing.flapping for standing in known.values())
    if not known:
        blind = [word.standing for word in heard.values() if word.standing.state is State.UNKNOWN]
        if blind:
            return Agreed(State.UNKNOWN, blind[0].reason, blind[0].detail)
        if not words or all(word.standing.state is State.NEW for word in words.values()):
            return Agreed(State.NEW)
        return Agreed(State.UNKNOWN, "silent", "no location has told anything in time")
    wanted = probe.quorum or quorum or len(known) // 2 + 1
    if len(down) >= min(wanted, len(known)):
        first = known[down[0]]
        said = first.detail if len(known) == 1 else f"{', '.join(down)}: {first.detail}"
        return Agreed(State.DOWN, first.reason, said, flapping, down)
    return Agreed(State.UP, flapping=flapping, down=down)
