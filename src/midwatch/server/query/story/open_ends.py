"""What was begun and waited for: jobs, messages, states; from when, and until when where it ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from midwatch.contract import events
from midwatch.server.model.story_id import IdKind
from midwatch.server.query.story.deliveries import Delivery, delivery_of
from midwatch.server.query.story.lines import Line, LineKind

PENDING = frozenset(
    {"accepted", "created", "in_progress", "new", "open", "pending", "queued", "requested", "started", "submitted"}
)
"""States that are no end; so is one that ends in `ing`, as `running`."""
_BEGUN, _ENDED = "job started", ("job completed", "job failed", "job cancelled")
"""What the SDK says of a job."""


@dataclass(frozen=True, slots=True)
class Wait:
    """`what` waited from its first line to its last; the last is None while it waits."""

    what: str
    begun: Line
    ended: Line | None

    def at(self, time_ns: int) -> bool:
        return self.begun.time_ns <= time_ns and (self.ended is None or time_ns < self.ended.time_ns)


def waits(lines: Sequence[Line]) -> list[Wait]:
    """`lines` in order of time."""
    return [*_jobs(lines), *_messages(lines), *_states(lines)]


def is_pending(state: str) -> bool:
    word = state.lower()
    return word in PENDING or word.endswith("ing")


def _jobs(lines: Sequence[Line]) -> Iterator[Wait]:
    """Until a job begins it is pending; until its end is told it runs."""
    for job, some in _by(lines, IdKind.JOB):
        runs = [line for line in some if line.kind is LineKind.JOB]
        began = next((line for line in some if line.title == _BEGUN), None)
        ended = next((line for line in some if line.title in _ENDED), None)
        begun = min((line for line in (began, *runs) if line is not None), key=lambda line: line.time_ns, default=None)
        if some[0] is not begun:
            yield Wait(f"job {job} was pending", some[0], begun)
        if begun is not None and not runs:
            # The span of a run is told when it ends.
            yield Wait(f"job {job} ran", begun, ended)


def _messages(lines: Sequence[Line]) -> Iterator[Wait]:
    """From when one was handed over; one that came in waits for nothing."""
    for message, some in _by(lines, IdKind.MESSAGE):
        stands = [(line, delivery_of(line)) for line in some]
        sent = next((line for line, delivery in stands if delivery is Delivery.ON_ITS_WAY), None)
        ended = next((line for line, delivery in stands if delivery in (Delivery.ARRIVED, Delivery.REFUSED)), None)
        if sent is not None:
            yield Wait(f"message {message} had no delivery call-back", sent, ended)


def _states(lines: Sequence[Line]) -> Iterator[Wait]:
    current: dict[str, Line] = {}
    for line in lines:
        state = line.facts.get(events.STATE_TO)
        if not state:
            continue
        entity = f"{line.facts.get(events.ENTITY_TYPE, '')} {line.facts.get(events.ENTITY_ID, '')}".strip()
        if (before := current.pop(entity, None)) is not None:
            yield Wait(_standing(entity, before), before, line)
        if is_pending(state):
            current[entity] = line
    for entity, line in current.items():
        yield Wait(_standing(entity, line), line, None)


def _standing(entity: str, line: Line) -> str:
    return f"{entity} was {line.facts[events.STATE_TO]}"


def _by(lines: Sequence[Line], kind: IdKind) -> list[tuple[str, list[Line]]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        if value := line.value_of(kind):
            found.setdefault(value, []).append(line)
    return [*found.items()]
