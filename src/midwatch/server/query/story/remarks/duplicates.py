"""The same thing twice though the first time was enough."""

from collections.abc import Callable, Hashable, Sequence

from midwatch.contract.events import EVENT_ID
from midwatch.server.model.story_id import IdKind
from midwatch.server.query.story.deliveries import Delivery, delivery_of
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.remarks.remark import Remark, Weight, remark, short

_IDEMPOTENCY = ("idempotency_key", "idempotency.key")


def remarks(lines: Sequence[Line], now_ns: int) -> list[Remark]:
    return [*_events(lines), *_jobs(lines), *_callbacks(lines), *_messages(lines)]


def _events(lines: Sequence[Line]) -> list[Remark]:
    groups = _grouped(lines, lambda line: line.facts.get(EVENT_ID) or None)
    return [_twice(f"event {short(some[0].title)} was told", some) for some in groups if len(some) > 1]


def _jobs(lines: Sequence[Line]) -> list[Remark]:
    """Another attempt, or a run after one that failed, is a retry."""

    def run(line: Line) -> Hashable:
        job = line.value_of(IdKind.JOB)
        # A queue's span and the SDK's own of one run lie within each other; they have names of their own.
        done = job and line.kind is LineKind.JOB and not line.failed
        return (line.service, line.title, job, line.attempt) if done else None

    return [
        _twice(f"job {some[0].value_of(IdKind.JOB)} was done", some) for some in _grouped(lines, run) if len(some) > 1
    ]


def _callbacks(lines: Sequence[Line]) -> list[Remark]:
    """One delivery state of one message, told in several requests: a webhook that came again."""

    def callback(line: Line) -> Hashable:
        message, state = line.value_of(IdKind.MESSAGE), delivery_of(line)
        return (line.service, line.title, message, state) if message and state is not Delivery.UNKNOWN else None

    found = []
    for some in _grouped(lines, callback):
        traces = {line.trace_id for line in some}
        if len(traces) > 1:
            message = some[0].value_of(IdKind.MESSAGE)
            found.append(_twice(f"{short(some[0].title)} of message {message} came", some))
    return found


def _messages(lines: Sequence[Line]) -> list[Remark]:
    """Two messages for one key that was to keep it to one."""
    groups = _grouped(
        lines,
        lambda line: (
            next((line.facts[name] for name in _IDEMPOTENCY if line.facts.get(name)), None)
            if line.value_of(IdKind.MESSAGE)
            else None
        ),
    )
    found = []
    for some in groups:
        messages = list(dict.fromkeys(line.value_of(IdKind.MESSAGE) for line in some))
        if len(messages) > 1:
            firsts = [next(line for line in some if line.value_of(IdKind.MESSAGE) == one) for one in messages]
            text = f"messages {short(', '.join(messages))} were sent for one idempotency key"
            found.append(remark("duplicate", Weight.WARNING, text, *firsts))
    return found


def _grouped(lines: Sequence[Line], key_of: Callable[[Line], Hashable]) -> list[list[Line]]:
    groups: dict[Hashable, list[Line]] = {}
    for line in lines:
        if (key := key_of(line)) is not None:
            groups.setdefault(key, []).append(line)
    return [*groups.values()]


def _twice(what: str, some: Sequence[Line]) -> Remark:
    times = "twice" if len(some) == 2 else f"{len(some)} times"
    return remark("duplicate", Weight.WARNING, f"{what} {times}", *some)
