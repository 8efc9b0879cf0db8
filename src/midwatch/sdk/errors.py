"""Error events: a line of level error with an exception becomes one, and so does what the app captures itself.

The line's own log record is the event: it gets the name `exception` and what a server needs to group it. One failure
is one event, however many handlers tell of it.
"""

from collections.abc import Mapping, Sequence
from random import random
from threading import RLock
from time import monotonic
from typing import Any

from midwatch.contract import failures
from midwatch.contract.failures import SEVERITIES, Failure, category_of
from midwatch.contract.redaction.said import LEFT_OUT, safe_text
from midwatch.contract.redaction.values import Redactor
from midwatch.sdk import breadcrumbs, forks
from midwatch.sdk.context import new_id
from midwatch.sdk.error_policy import ErrorPolicy, names_of
from midwatch.sdk.fitted import fitted
from midwatch.sdk.frames import WITHOUT_LOCALS, Frames, module_of, spare_of
from midwatch.sdk.guard import Guard
from midwatch.sdk.log_lines import CAUSES_MAX, cause_of, type_name
from midwatch.sdk.logging import SEVERITY, LogPipe
from midwatch.sdk.metrics import Metrics
from midwatch.sdk.problems import Problems
from midwatch.sdk.wire.logs import LogRecord

SAME_SECONDS = 60.0
"""An exception object that is told again within this time is the same failure; later it was raised again."""
BURST_MAX = 100
PER_SECOND = 10
"""An event of ten frames costs half a millisecond more than its line: what comes beyond stays a line."""
TOO_MANY = "too_many"
MESSAGE_MAX = 1024
"""Of a cause; the error's own is as long as it is."""
LOG, CAPTURE = "log", "capture"

_LAST_TO_KNOW = frozenset(("asyncio", "midwatch.web", "uvicorn.error", "gunicorn.error"))
"""Loggers that tell of what nobody below them has caught."""
_MARK = "__midwatch_event__"
_INFO, _ERROR = SEVERITY["info"], SEVERITY["error"]
_LEVEL_OF = {level: severity for severity, level in SEVERITIES.items()}


class Errors:
    """Makes events of errors. Any thread may use it; nothing that it does raises."""

    def __init__(
        self, policy: ErrorPolicy, logs: LogPipe, redactor: Redactor, metrics: Metrics, problems: Problems
    ) -> None:
        self._policy = policy
        self._logs = logs
        self._redactor = redactor
        self._problems = problems
        self._guard = Guard("errors", problems)
        self._frames = Frames(redactor, with_locals=policy.with_locals)
        self._seen = metrics.counter("errors_total", "Errors seen, sent or not", ("category", "severity"))
        self._allowance = _Allowance()
        logs.listeners.append(self.line)

    def capture(
        self,
        error: BaseException,
        *,
        severity: str = "error",
        category: str = "",
        fingerprint: Sequence[str] = (),
        user: Mapping[str, Any] | str | None = None,
        tags: Mapping[str, Any] | None = None,
        extras: Mapping[str, Any] | None = None,
        mechanism: str = CAPTURE,
        handled: bool = True,
    ) -> str:
        """A line with this exception that becomes an event; its id, empty where it is ignored."""
        event_id = ""
        with self._guard:
            known = event_of(error)
            if known or self._policy.ignores(error):
                return known
            event_id = new_id()
            fields: dict[str, Any] = {
                failures.EVENT_ID: event_id,
                failures.MECHANISM: mechanism,
                failures.HANDLED: handled,
            }
            if category:
                fields[failures.CATEGORY] = category
            if fingerprint:
                fields[failures.FINGERPRINT] = [fingerprint] if isinstance(fingerprint, str) else list(fingerprint)
            about = {"id": user} if isinstance(user, str) else user
            for prefix, some in ((failures.USER, about), (failures.TAG, tags), (failures.EXTRA, extras)):
                fields.update({f"{prefix}{key}": value for key, value in (some or {}).items()})
            level = SEVERITIES.get(severity, "error")
            self._logs.emit(level, safe_text(error) or type_name(error), fields, error=error)
        return event_id

    def line(self, record: LogRecord, error: BaseException | None) -> None:
        """The pipe's listener: breadcrumbs from lines, events from errors."""
        if error is None:
            if record.severity_number >= _INFO:
                breadcrumbs.add(record)
            return
        with self._guard:
            if record.severity_number < _ERROR and failures.EVENT_ID not in record.attributes:
                if record.severity_number >= _INFO:
                    breadcrumbs.add(record)
            elif not event_of(error) and not self._policy.ignores(error):
                self._become_event(record, error)

    def _become_event(self, record: LogRecord, error: BaseException) -> None:
        attributes = record.attributes
        event_id = attributes.get(failures.EVENT_ID) or new_id()
        _mark(error, event_id)
        severity = _LEVEL_OF[record.severity_text]
        category = attributes.get(failures.CATEGORY, "")
        with self._guard:
            category = category or self._category(error)
        category = category or failures.UNKNOWN
        self._seen.add(category=category, severity=severity)
        share = self._policy.share_of(severity)
        if share < 1:
            if random() >= share:  # noqa: S311 - sampling is no secret
                return
            attributes[failures.SAMPLE_RATE] = share
        if not self._allowance.take():
            self._problems.dropped("errors", TOO_MANY, 1, f"more than {PER_SECOND} a second stay lines")
            return
        attributes[failures.EVENT_ID] = event_id
        attributes[failures.CATEGORY] = category
        attributes.setdefault(failures.MECHANISM, LOG)
        attributes.setdefault(failures.HANDLED, attributes.get("logger") not in _LAST_TO_KNOW)
        # From here on it is one, even where what follows cannot be had.
        record.event_name = failures.EVENT
        with_locals = not _locals_are_private(error)
        frames = self._frames.of(error.__traceback__, with_locals=with_locals)
        attributes[failures.FRAMES] = fitted(frames, spare_of(frames))
        if causes := self._causes(error, with_locals=with_locals):
            held = [frame for cause in causes for frame in cause["frames"]]
            attributes[failures.CAUSES] = fitted(causes, (*spare_of(held), *((one, "frames") for one in causes[::-1])))
        if trail := breadcrumbs.rendered():
            attributes[failures.BREADCRUMBS] = fitted(trail, ((one, "data") for one in trail))

    def _category(self, error: BaseException) -> str:
        status = getattr(error, "status_code", None)
        failure = Failure(
            types=names_of(type(error)),
            message=safe_text(error),
            code=str(getattr(error, "code", None) or ""),
            status=status if isinstance(status, int) else 0,
            module=module_of(error.__traceback__),
        )
        return category_of(failure, self._policy.categories)

    def _causes(self, error: BaseException, *, with_locals: bool) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        seen, cause = {id(error)}, cause_of(error)
        while cause is not None and id(cause) not in seen and len(found) < CAUSES_MAX:
            seen.add(id(cause))
            told = self._redactor.value("exception.message", safe_text(cause))
            message = "" if told is LEFT_OUT else told[:MESSAGE_MAX]
            frames = self._frames.of(cause.__traceback__, with_locals=with_locals)
            found.append({"type": type_name(cause), "message": message, "frames": frames})
            cause = cause_of(cause)
        return found


class _Allowance:
    """A bucket of events that fills itself."""

    def __init__(self) -> None:
        self._left, self._at = float(BURST_MAX), monotonic()
        self._begin()
        forks.in_child(self._begin)

    def _begin(self) -> None:
        self._lock = RLock()

    def take(self) -> bool:
        with self._lock:
            now = monotonic()
            self._left = min(BURST_MAX, self._left + (now - self._at) * PER_SECOND)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


def event_of(error: BaseException) -> str:
    """The event that this failure is already; empty for a new one.

    An exception raised `from` one that was told is the same failure; one raised while another was handled is not.
    """
    one: BaseException | None = error
    for _ in range(CAUSES_MAX):
        if one is None:
            break
        event_id, at = getattr(one, _MARK, ("", 0.0))
        if event_id and monotonic() - at < SAME_SECONDS:
            return str(event_id)
        one = one.__cause__
    return ""


def _locals_are_private(error: BaseException) -> bool:
    """Whether they are of this error, or of one that it was raised for: both have come through the same calls."""
    one: BaseException | None = error
    for _ in range(CAUSES_MAX):
        if one is None or hasattr(one, WITHOUT_LOCALS):
            break
        one = cause_of(one)
    return one is not None and hasattr(one, WITHOUT_LOCALS)


def _mark(error: BaseException, event_id: str) -> None:
    try:
        setattr(error, _MARK, (event_id, monotonic()))
    except Exception:
        # A class that takes no attributes: it is told as often as it is seen.
        return
