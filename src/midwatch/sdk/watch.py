"""The one thread that watches times, and how times are given."""

from datetime import UTC, datetime

from midwatch.sdk.deadlines import Deadlines
from midwatch.sdk.problems import PROBLEMS

DEADLINES = Deadlines(PROBLEMS)


def unix_seconds(when: datetime | float | None) -> float | None:
    """A datetime (UTC where it has no zone) or Unix seconds as Unix seconds."""
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return when
