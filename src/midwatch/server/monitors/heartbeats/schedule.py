"""When a sign of life is expected: every so often, or by a crontab's line in a time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

SECOND = 10**9
GRACE_SECONDS = 300.0
RUNTIME_SECONDS = 1800.0
EARLY_SECONDS = 60.0
EARLY_PART = 0.1
"""A sign that comes so little before its moment is that moment's: clocks differ."""


class BadSchedule(ValueError):
    """No line of a crontab, or no time zone."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of when somebody is to be heard of. Without `every` and `cron` nothing is expected."""

    every_seconds: float | None = None
    cron: str = ""
    time_zone: str = "UTC"
    grace_seconds: float = GRACE_SECONDS
    max_runtime_seconds: float | None = None
    failures: int = 1
    recoveries: int = 1

    @property
    def grace_ns(self) -> int:
        return int(self.grace_seconds * SECOND)

    @property
    def runtime_ns(self) -> int:
        return int((self.max_runtime_seconds or max(RUNTIME_SECONDS, self.grace_seconds)) * SECOND)


def check_schedule(cron: str, time_zone: str) -> None:
    """
    Raises:
        BadSchedule: with what is wrong.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ValueError, OSError, KeyError):
        raise BadSchedule(f"time_zone={time_zone[:64]}: expected a time zone such as Europe/Berlin") from None
    try:
        if not cron.isascii() or len(cron) > 200:
            raise CronSimError("expected at most 200 ASCII characters")
        next(CronSim(cron, datetime(2026, 1, 1, tzinfo=zone)))
    except CronSimError as error:
        raise BadSchedule(f"schedule={cron[:80]}: expected a line of a crontab such as 0 3 * * *: {error}") from None
    except StopIteration:
        raise BadSchedule(f"schedule={cron[:80]}: there is no such day") from None


def next_after(expectation: Expectation, at_ns: int) -> int | None:
    """The first moment after this one; None where nothing is expected.

    Over changes of the clock as Debian's cron: a moment that an hour skips comes right after that hour, and one that
    comes twice counts once, but for lines that begin with a star.
    """
    if expectation.cron:
        return _cron_after(expectation.cron, expectation.time_zone, at_ns)
    if expectation.every_seconds is not None:
        return at_ns + int(expectation.every_seconds * SECOND)
    return None


def next_expected(expectation: Expectation, at_ns: int) -> int | None:
    """When to expect the next sign after one at this time."""
    following = next_after(expectation, at_ns)
    if following is None or not expectation.cron:
        return following
    second = next_after(expectation, following)
    if second is None:
        return following
    early = min(EARLY_SECONDS * SECOND, EARLY_PART * (second - following))
    return second if following - at_ns <= early else following


@lru_cache(maxsize=20_000)
def _cron_after(cron: str, time_zone: str, at_ns: int) -> int | None:
    at = datetime.fromtimestamp(at_ns // SECOND, UTC).astimezone(ZoneInfo(time_zone))
    try:
        found = next(CronSim(cron, at))
    except StopIteration:
        return None
    return int(found.timestamp()) * SECOND
