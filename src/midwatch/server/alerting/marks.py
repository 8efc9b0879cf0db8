"""What people say about alerts that fire: acknowledged, snoozed, assigned. A mark ends when its alerts do."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class MarkKind(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    """Somebody is at it: told again only of what is new."""
    SNOOZED = "snoozed"
    """Not told of until a moment, and then again."""
    ASSIGNED = "assigned"


@dataclass(frozen=True, slots=True)
class Mark:
    id: str
    kind: MarkKind
    fingerprints: frozenset[str]
    """Of the alerts that still fire; an alert that joins a group later is not marked with it."""
    by: str
    at_ns: int
    comment: str = ""
    group_key: str = ""
    """Of the group that was marked; empty where it was one alert."""
    until_ns: int = 0
    """When it ends by itself; 0: with its alerts."""
    assignee: str = ""


class Marks:
    """Those in force. A newer one of a kind takes an alert from an older one."""

    def __init__(self, marks: Iterable[Mark] = ()) -> None:
        self._all: dict[str, Mark] = {}
        self._of: dict[MarkKind, dict[str, str]] = {kind: {} for kind in MarkKind}
        self._woken_ns: dict[str, int] = {}
        """When an alert's last snooze ended."""
        self.touched: set[str] = set()
        """Ids of those that changed or ended since somebody took them."""
        for mark in marks:
            self.put(mark)
        self.touched.clear()

    def all(self) -> list[Mark]:
        return list(self._all.values())

    def get(self, id_: str) -> Mark | None:
        return self._all.get(id_)

    def put(self, mark: Mark) -> None:
        changed: dict[str, Mark] = {}
        of = self._of[mark.kind]
        for fingerprint in mark.fingerprints:
            before = self._all.get(of.get(fingerprint, ""))
            if before is not None and before.id != mark.id:
                before = changed.get(before.id, before)
                changed[before.id] = replace(before, fingerprints=before.fingerprints - {fingerprint})
        for fingerprint in mark.fingerprints:
            of[fingerprint] = mark.id
        self._keep(mark)
        for one in changed.values():
            self._keep(one)

    def of(self, kind: MarkKind, fingerprint: str) -> Mark | None:
        return self._all.get(self._of[kind].get(fingerprint, ""))

    def end(self, id_: str) -> Mark | None:
        """Take it back; None where there is none."""
        mark = self._all.get(id_)
        if mark is not None:
            self._keep(replace(mark, fingerprints=frozenset()))
        return mark

    def alert_ended(self, fingerprint: str) -> None:
        """What was said of it is over."""
        self._woken_ns.pop(fingerprint, None)
        for mark in [mark for kind in MarkKind if (mark := self.of(kind, fingerprint)) is not None]:
            self._keep(replace(mark, fingerprints=mark.fingerprints - {fingerprint}))

    def ended_by(self, now_ns: int) -> list[Mark]:
        """End those whose time is over; each as it was."""
        over = [mark for mark in self._all.values() if 0 < mark.until_ns <= now_ns]
        for mark in over:
            if mark.kind is MarkKind.SNOOZED:
                self._woken_ns |= dict.fromkeys(mark.fingerprints, mark.until_ns)
            self.end(mark.id)
        return over

    def woken_ns(self, fingerprint: str) -> int:
        """When its last snooze ended; 0 where there was none."""
        return self._woken_ns.get(fingerprint, 0)

    def wake_ns(self) -> int | None:
        """When the next one ends by itself."""
        return min((mark.until_ns for mark in self._all.values() if mark.until_ns), default=None)

    def _keep(self, mark: Mark) -> None:
        self.touched.add(mark.id)
        before = self._all.get(mark.id)
        if before is not None:
            of = self._of[mark.kind]
            for fingerprint in before.fingerprints - mark.fingerprints:
                if of.get(fingerprint) == mark.id:
                    del of[fingerprint]
        if mark.fingerprints:
            self._all[mark.id] = mark
        else:
            self._all.pop(mark.id, None)
