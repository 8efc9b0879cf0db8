"""Jobs and their steps: a span, a duration by status, and lines; what waited, was tried again, and is overdue."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token, copy_context
from datetime import datetime
from time import monotonic, time
from types import TracebackType
from typing import Any, Self

from opentelemetry.trace import SpanKind

from midwatch.sdk import context
from midwatch.sdk.around import F, around
from midwatch.sdk.deadlines import Deadline
from midwatch.sdk.job_metrics import JOB_METRICS
from midwatch.sdk.propagation import extract
from midwatch.sdk.timed import CANCELLED, SUCCEEDED, Timed, guard, say
from midwatch.sdk.watch import DEADLINES, unix_seconds

OfCall = Callable[..., Any]
"""Asked with the arguments of the call that is decorated."""

_current: ContextVar["Job | None"] = ContextVar("midwatch.job", default=None)


class Job:
    """One run of a job as a context, or, before a function, each call of it as a run."""

    def __init__(
        self,
        name: str,
        *,
        job_id: Any = "",
        attempt: Any = 1,
        queued_at: Any = None,
        carrier: Any = None,
        overdue_seconds: float | None = None,
        **fields: Any,
    ) -> None:
        self.name = name
        self.job_id, self.attempt, self.queued_at = job_id, attempt, queued_at
        self._carrier = carrier
        self._overdue_seconds = overdue_seconds
        self.fields = fields
        self._timed: Timed | None = None
        self._work: context.Entered | None = None
        self._outer: Token[Job | None] | None = None
        self._deadline: Deadline | None = None
        self._is_overdue = False
        self.started = 0.0

    def __call__(self, function: F) -> F:
        """Each call is a run; what was given as a callable is asked with the call's arguments."""
        return around(function, self._of)

    def __enter__(self) -> Self:
        with guard:
            self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with guard:
            self._end(error)

    def _of(self, positional: tuple[Any, ...], named: Mapping[str, Any]) -> "Job":
        """A run of this job for a call with these arguments."""
        given = {
            "job_id": self.job_id,
            "attempt": self.attempt,
            "queued_at": self.queued_at,
            "carrier": self._carrier,
            **self.fields,
        }
        known: dict[str, Any] = {}
        for name, value in given.items():
            with guard:
                known[name] = value(*positional, **named) if callable(value) else value
        return Job(self.name, overdue_seconds=self._overdue_seconds, **known)

    def _begin(self) -> None:
        kind, parent = SpanKind.INTERNAL, None
        outer = context.current()
        found = context.Context(outer.correlation_id or context.new_id(), outer.request_id, outer.fields)
        if self._carrier:
            arrived = extract(self._carrier)
            kind, parent, found = SpanKind.CONSUMER, arrived.parent, arrived.context
        self._work = context.enter(found)
        self.started = monotonic()
        self._outer = _current.set(self)
        job_id = "" if self.job_id is None else str(self.job_id)
        context.bind(job=self.name, job_id=job_id or None, **self.fields)
        attributes = {"job.name": self.name, "job.attempt": self.attempt}
        if job_id:
            attributes["job.id"] = job_id
        self._timed = Timed("job", self.name, attributes, kind, parent)
        JOB_METRICS.started(self)
        queued_at = unix_seconds(self.queued_at)
        waited = {} if queued_at is None else {"waited_seconds": round(max(0.0, time() - queued_at), 3)}
        if waited:
            JOB_METRICS.waited(self.name, waited["waited_seconds"])
        say("info", "job started", {"attempt": self.attempt, **waited})
        if self._overdue_seconds is not None:
            here = copy_context()
            self._deadline = DEADLINES.add(self._overdue_seconds, lambda: here.run(self._overdue))

    def _end(self, error: BaseException | None) -> None:
        if not DEADLINES.cancel(self._deadline) and self._is_overdue:
            JOB_METRICS.overdue(self.name, -1)
        try:
            if self._timed is not None:
                self._tell(*self._timed.end(error), error)
        finally:
            if self._timed is not None:
                with guard:
                    self._timed.leave()
            if self._outer is not None:
                _leave(self._outer)
            if self._work is not None:
                context.leave(self._work)

    def _tell(self, status: str, seconds: float, error: BaseException | None) -> None:
        queued_at = unix_seconds(self.queued_at)
        lead_seconds = None if queued_at is None else max(0.0, time() - queued_at)
        JOB_METRICS.ended(self, status, seconds, lead_seconds)
        fields = {"status": status, "attempt": self.attempt, "duration_ms": round(seconds * 1000, 3)}
        if lead_seconds is not None:
            fields["lead_seconds"] = round(lead_seconds, 3)
        if status == SUCCEEDED:
            say("info", "job completed", fields)
        elif status == CANCELLED:
            say("warning", "job cancelled", fields)
        else:
            say("error", "job failed", fields, error)

    def _overdue(self) -> None:
        self._is_overdue = True
        JOB_METRICS.overdue(self.name, 1)
        say("warning", "job overdue", {"overdue_seconds": self._overdue_seconds})


def current_job() -> Job | None:
    """The run at hand: its `attempt`, `queued_at` and `job_id` may be set while it runs."""
    return _current.get()


def job(
    name: str,
    *,
    job_id: str | int | OfCall = "",
    attempt: int | OfCall = 1,
    queued_at: datetime | float | OfCall | None = None,
    carrier: Mapping[str, str] | OfCall | None = None,
    overdue_seconds: float | None = None,
    **fields: Any,
) -> Job:
    """A job: `@midwatch.job("render")` before a function, coroutine functions too, or `with midwatch.job("render"):`.

    Before a function, what is a callable is asked with each call's arguments: `job_id=lambda order: order["id"]`.

    Args:
        name: What kind of job; few names.
        job_id: Which one; on every line, span and error of it.
        attempt: 1 at first; more is a retry, and one of those that succeeds a recovery.
        queued_at: Since when it is pending: a datetime (UTC where it has no zone), or Unix seconds.
        carrier: What `propagation.inject` wrote into its message: the job goes on with that trace and those ids.
        overdue_seconds: A run that takes longer is told at once, and counted while it lasts.
        fields: More that belongs on every line of it.
    """
    return Job(
        name,
        job_id=job_id,
        attempt=attempt,
        queued_at=queued_at,
        carrier=carrier,
        overdue_seconds=overdue_seconds,
        **fields,
    )


def queue_depth(queue: str, depth: float | Callable[[], float]) -> None:
    """How many jobs wait: a number, or what to ask whenever metrics are read."""
    with guard:
        JOB_METRICS.queue_depth(queue, depth)


def _leave(token: Token[Job | None]) -> None:
    try:
        _current.reset(token)
    except ValueError:
        # Entered in another task: its context ends with it.
        return
