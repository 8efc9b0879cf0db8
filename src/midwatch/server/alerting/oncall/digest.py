"""When a digest is due, by the clock on the wall."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from midwatch.contract.plan.sections.on_call import DAYS
from midwatch.server.alerting.oncall.kinds import DigestConfig

NANOSECONDS = 1_000_000_000
_WEEK_DAYS = 8
"""Today's may be to come, and a week later it is that day again."""


def last_and_next(config: DigestConfig, now_ns: int) -> tuple[int, int]:
    """The newest moment that is not later than now, and the one after it."""
    zone = ZoneInfo(config.zone)
    today = datetime.fromtimestamp(now_ns // NANOSECONDS, zone).date()
    at = time.fromisoformat(config.at)
    days = (today + timedelta(days=offset) for offset in range(-_WEEK_DAYS, _WEEK_DAYS + 1))
    moments = [
        int(datetime.combine(day, at, zone).timestamp()) * NANOSECONDS
        for day in days
        if DAYS[day.weekday()] in config.days
    ]
    return max(one for one in moments if one <= now_ns), min(one for one in moments if one > now_ns)
