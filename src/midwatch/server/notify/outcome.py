"""What became of one attempt, and what an answer means."""

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from midwatch.server.notify.request import Answer

RETRY_AFTER_SECONDS_MAX = 3600.0
TEMPORARY = frozenset({408, 425, 429})
"""And 5xx: the same request may be taken later. All other 4xx are for good: who was told is not there, or not so."""


class Verdict(StrEnum):
    DELIVERED = "delivered"
    AGAIN = "again"
    REFUSED = "refused"
    """The same would be refused again."""
    NOTHING = "nothing"
    """There is nothing to say to this receiver."""


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    error: str = ""
    retry_after_seconds: float | None = None
    receipt: Mapping[str, Any] | None = None
    """What the vendor calls it, for the next message about the same group."""


def judged(answer: Answer, now_seconds: float, *, delivered: frozenset[int] = frozenset()) -> Outcome:
    """By the status alone; `delivered` are statuses besides 2xx that mean that all is well."""
    status = answer.status
    if 200 <= status < 300 or status in delivered:
        return Outcome(Verdict.DELIVERED)
    error = f"answered {status}: {answer.text()}".rstrip(": ")
    if status in TEMPORARY or status >= 500:
        return Outcome(Verdict.AGAIN, error, retry_after(answer.headers.get("retry-after", ""), now_seconds))
    return Outcome(Verdict.REFUSED, error)


def retry_after(text: str, now_seconds: float) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date."""
    try:
        seconds = float(text) if not text.endswith("GMT") else _until(text, now_seconds)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(seconds, RETRY_AFTER_SECONDS_MAX) if seconds >= 0 else None


def _until(text: str, now_seconds: float) -> float:
    return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now_seconds)
