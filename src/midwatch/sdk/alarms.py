"""Alarms that a program sets for itself: scheduled, then fired, missed or cancelled."""

import os
import threading
from contextvars import copy_context
from datetime import UTC, datetime
from time import time
from typing import Any

from midwatch.contract import events as names
from midwatch.sdk.deadlines import Deadline
from midwatch.sdk.events import fields_of, guard, tell
from midwatch.sdk.setup import METRICS
from midwatch.sdk.watch import DEADLINES, unix_seconds

GRACE_SECONDS = 60.0

_OUTCOMES = METRICS.counter("alarms_total", "Alarms by what became of them", ("alarm", "outcome"))
_LATE = METRICS.histogram("alarm_lateness_seconds", "How long after its time an alarm fired", ("alarm",))


class Alarm:
    """One that is set; `fired()` or `cancel()` end it, and its grace does."""

    def __init__(self, name: str, alarm_id: str, due: float) -> None:
        self.name = name
        self.alarm_id = alarm_id
        self.due = due
        self._deadline: Deadline | None = None
        self._ended = False

    def fired(self) -> None:
        """It has gone off; also after it was told as missed."""
        with guard:
            DEADLINES.cancel(self._deadline)
            self._end()
            late = max(0.0, time() - self.due)
            _LATE.record(late, alarm=self.name)
            self._tell(names.ALARM_FIRED, "info", late_seconds=round(late, 3))

    def cancel(self) -> None:
        """It is not to go off any more."""
        with guard:
            if DEADLINES.cancel(self._deadline):
                self._end()
                self._tell(names.ALARM_CANCELLED, "info")

    def _set(self, grace_seconds: float) -> None:
        self._tell(names.ALARM_SCHEDULED, "info", grace_seconds=grace_seconds)
        # The ids of the work that set it go on its lines.
        here = copy_context()
        self._deadline = DEADLINES.add(self.due + grace_seconds - time(), lambda: here.run(self._missed))

    def _missed(self) -> None:
        self._end()
        self._tell(names.ALARM_MISSED, "warning")

    def _end(self) -> None:
        self._ended = True
        if _set_alarms.get((self.name, self.alarm_id)) is self:
            _set_alarms.pop((self.name, self.alarm_id), None)

    def _tell(self, outcome: str, level: str, **more: Any) -> None:
        _OUTCOMES.add(alarm=self.name, outcome=outcome.removeprefix("alarm."))
        due = datetime.fromtimestamp(self.due, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        tell(outcome, fields_of(("alarm", self.name), "", {"alarm.id": self.alarm_id, "due": due, **more}), level=level)


_set_alarms: dict[tuple[str, str], Alarm] = {}
_lock = threading.RLock()


def _forked() -> None:
    """A child sets its own; a lock that another thread held would be held for ever."""
    global _lock  # noqa: PLW0603 - the alarms are one per process
    _lock = threading.RLock()
    _set_alarms.clear()


os.register_at_fork(after_in_child=_forked)


def alarm(name: str, due: datetime | float, *, alarm_id: str = "", grace_seconds: float = GRACE_SECONDS) -> Alarm:
    """An alarm is set; one of the same name and id is moved.

    Args:
        name: What it is for; few names.
        due: When: a datetime (UTC where it has no zone), or Unix seconds.
        alarm_id: Which of them.
        grace_seconds: So long after it is due it is told as missed, unless it has fired.
    """
    made = Alarm(name, alarm_id, 0.0)
    with guard:
        made.due = unix_seconds(due) or 0.0
        with _lock:
            before = _set_alarms.get((name, alarm_id))
            if before is not None:
                DEADLINES.cancel(before._deadline)
            _set_alarms[name, alarm_id] = made
        made._set(grace_seconds)
    return made


def alarm_fired(name: str, alarm_id: str = "") -> None:
    """The alarm of that name and id went off; also one that another process had set."""
    with guard:
        found = _set_alarms.get((name, alarm_id)) or Alarm(name, alarm_id, time())
        found.fired()
