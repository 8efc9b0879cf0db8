"""Signs of life: of a poller, and of what runs by a schedule. A server says when one stays away."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, time
from typing import Any

from midwatch.contract import events as names
from midwatch.sdk.around import F, around
from midwatch.sdk.events import fields_of, guard, tell
from midwatch.sdk.jobs import Job
from midwatch.sdk.setup import METRICS

_BEATS = METRICS.counter("heartbeats_total", "Signs of life", ("heartbeat", "status"))
_LAST = METRICS.gauge(
    "heartbeat_timestamp_seconds", "When it was last well, in Unix seconds", ("heartbeat",), mode="max"
)


def heartbeat(
    name: str,
    *,
    status: str = names.OK,
    every_seconds: float | None = None,
    grace_seconds: float | None = None,
    **fields: Any,
) -> None:
    """It lives; as often as one likes, since this is sent and no line of the log.

    Args:
        name: Who; few names, such as `reddit-poller`.
        status: ok, started or failed.
        every_seconds: How often it is to be expected, for whoever watches it.
        grace_seconds: How much later is no reason for alarm.
        fields: More that belongs to it, such as how much was found.
    """
    with guard:
        _BEATS.add(heartbeat=name, status=status)
        if status == names.OK:
            _LAST.set(time(), heartbeat=name)
        expected = {names.HEARTBEAT_EVERY_SECONDS: every_seconds, names.HEARTBEAT_GRACE_SECONDS: grace_seconds}
        known = {key: value for key, value in expected.items() if value is not None}
        about = {names.HEARTBEAT_NAME: name, names.HEARTBEAT_STATUS: status, **known, **fields}
        tell(names.HEARTBEAT, fields_of(None, "", about), as_line=False)


class Cron:
    """Before a function, coroutine functions too: each call is a job, and tells when it starts and how it ends."""

    def __init__(self, name: str, expected: dict[str, Any], overdue_seconds: float | None) -> None:
        self._name = name
        self._expected = expected
        self._overdue_seconds = overdue_seconds

    def __call__(self, function: F) -> F:
        return around(function, self._run)

    @contextmanager
    def _run(self, *_: Any) -> Iterator[None]:
        with Job(self._name, overdue_seconds=self._overdue_seconds):
            started, status = perf_counter(), names.FAILED
            heartbeat(self._name, status=names.STARTED, **self._expected)
            try:
                yield
                status = names.OK
            finally:
                took = {names.HEARTBEAT_DURATION_SECONDS: round(perf_counter() - started, 6)}
                heartbeat(self._name, status=status, **self._expected, **took)


def cron(
    name: str,
    *,
    schedule: str = "",
    time_zone: str = "UTC",
    every_seconds: float | None = None,
    grace_seconds: float | None = None,
    overdue_seconds: float | None = None,
) -> Cron:
    """What runs by a schedule: `@midwatch.cron("nightly", schedule="0 3 * * *")`. Midwatch does not run it.

    Args:
        name: Which; few names.
        schedule: When it is to run, as in crontab(5); or `every_seconds`.
        time_zone: Of the schedule, such as `Europe/Berlin`.
        every_seconds: How often it is to run.
        grace_seconds: How much later is no reason for alarm.
        overdue_seconds: A run that takes longer is told at once.
    """
    expected: dict[str, Any] = {"every_seconds": every_seconds, "grace_seconds": grace_seconds}
    if schedule:
        expected[names.HEARTBEAT_SCHEDULE] = schedule
        expected[names.HEARTBEAT_TIME_ZONE] = time_zone
    return Cron(name, expected, overdue_seconds)
