"""Whether an integration is told about a group now, and why: as Alertmanager decides; acknowledging changes it."""

from typing import Protocol

from midwatch.server.model.notification import Notification, Reason

_CLOCKS_DIFFER_NS = 60 * 10**9
"""Of two servers, one of which told before."""


class Told(Protocol):
    """What it was told last."""

    @property
    def at_ns(self) -> int: ...

    @property
    def firing(self) -> frozenset[str]: ...

    @property
    def resolved(self) -> frozenset[str]: ...


class Said:
    """What a notification told."""

    __slots__ = ("at_ns", "firing", "resolved")

    def __init__(self, made: Notification) -> None:
        self.at_ns = made.at_ns
        self.firing = frozenset(alert.fingerprint for alert in made.firing)
        self.resolved = frozenset(alert.fingerprint for alert in made.resolved)


def reason_to_tell(
    last: Told | None,
    *,
    firing: frozenset[str],
    resolved: frozenset[str],
    sends_resolved: bool,
    repeat_ns: int,
    now_ns: int,
    acknowledged: frozenset[str] = frozenset(),
    woken_ns: int = 0,
) -> Reason | None:
    """None: nothing that it does not know. Alerts by their fingerprints.

    `acknowledged` are those that somebody is at: nobody is reminded of them. `woken_ns` is when a snooze ended last.
    """
    if last is None:
        return Reason.FIRST if firing else None
    if not firing <= last.firing:
        return Reason.NEW_ALERTS if last.firing else Reason.FIRST
    if not firing:
        # Also where resolved alerts are not sent: what was told last has to say that nothing fires any more.
        return Reason.ALL_RESOLVED if last.firing else None
    if sends_resolved and not resolved <= last.resolved:
        return Reason.NEW_RESOLVED
    # At the very moment, too: Alertmanager's own clock decides by its jitter whether that flush or the next repeats.
    # What was told at a time that is to come was told before the clock was set back: that says nothing of when.
    set_back = last.at_ns > now_ns + _CLOCKS_DIFFER_NS
    is_time = set_back or last.at_ns <= now_ns - repeat_ns or last.at_ns < woken_ns <= now_ns
    return Reason.REPEAT if is_time and not firing <= acknowledged else None
