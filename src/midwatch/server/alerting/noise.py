"""Which rules wake people for nothing: what became of their alerts, and what would mend them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from midwatch.server.alerting.history import Happening

FLAP_NS = 15 * 60 * 10**9
"""An alert that comes back within this never really ended."""
SHORT_SECONDS = 300.0
_FEW = 3
"""Fewer firings say nothing."""
Line = tuple[int, str, str, str, str, str]
"""Time, kind, rule, fingerprint, group key, author."""


@dataclass(slots=True)
class RuleNoise:
    rule: str
    fired: int = 0
    notified: int = 0
    """Notifications that had alerts of it."""
    acknowledged: int = 0
    """Firings that somebody acknowledged."""
    slept_through: int = 0
    """Firings that somebody was told of, nobody acknowledged, and that ended by themselves."""
    flapped: int = 0
    """Firings that began within a quarter of an hour after the same alert had ended."""
    silenced: int = 0
    """Firings that a silence held back."""
    seconds: float | None = None
    """Half of those that ended lasted longer."""
    suggestions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Firing:
    began_ns: int
    ended_ns: int | None = None
    told: bool = False
    acknowledged: bool = False
    silenced: bool = False
    flapped: bool = False


def noise(lines: Iterable[Line]) -> list[RuleNoise]:
    """Of every rule that something happened to, the noisiest first: those of which most firings were slept through or
    came right back. `lines` are in the order of time."""
    firings: dict[str, dict[str, list[_Firing]]] = defaultdict(lambda: defaultdict(list))
    notified: dict[str, int] = defaultdict(int)
    for at_ns, kind, rule, fingerprint, _, _ in lines:
        alerts = firings[rule]
        if kind == Happening.NOTIFIED:
            notified[rule] += 1
            for of_alert in alerts.values():
                _tell(of_alert[-1], at_ns)
        elif kind == Happening.FIRING:
            before = alerts[fingerprint][-1] if alerts[fingerprint] else None
            flapped = before is not None and before.ended_ns is not None and at_ns - before.ended_ns <= FLAP_NS
            alerts[fingerprint].append(_Firing(at_ns, flapped=flapped))
        elif alerts[fingerprint]:
            _note(alerts[fingerprint][-1], kind, at_ns)
    found = [_summed(rule, alerts, notified[rule]) for rule, alerts in firings.items()]
    return sorted(
        (one for one in found if one.fired or one.notified),
        key=lambda one: (-one.slept_through - one.flapped, -one.notified, one.rule),
    )


def _tell(firing: _Firing, at_ns: int) -> None:
    if firing.ended_ns is None or firing.ended_ns >= at_ns:
        firing.told = True


def _note(firing: _Firing, kind: str, at_ns: int) -> None:
    if kind == Happening.RESOLVED:
        firing.ended_ns = at_ns
    elif kind == Happening.ACKNOWLEDGED:
        firing.acknowledged = True
    elif kind == Happening.SILENCED:
        firing.silenced = True


def _summed(rule: str, alerts: dict[str, list[_Firing]], notified: int) -> RuleNoise:
    every = [one for of_alert in alerts.values() for one in of_alert]
    lasted = [(one.ended_ns - one.began_ns) / 1e9 for one in every if one.ended_ns is not None]
    made = RuleNoise(
        rule,
        fired=len(every),
        notified=notified,
        acknowledged=sum(one.acknowledged for one in every),
        slept_through=sum(one.told and not one.acknowledged and one.ended_ns is not None for one in every),
        flapped=sum(one.flapped for one in every),
        silenced=sum(one.silenced for one in every),
        seconds=median(lasted) if lasted else None,
    )
    made.suggestions = list(_suggestions(made))
    return made


def _suggestions(one: RuleNoise) -> Iterable[str]:
    if one.fired < _FEW:
        return
    if one.flapped * 3 >= one.fired:
        yield (f"{one.flapped} of {one.fired} times it came back within 15 minutes: write `keep_firing_for: 15m` in it")
    if one.seconds is not None and one.seconds < SHORT_SECONDS and one.slept_through * 2 >= one.fired:
        yield (f"half of its alerts were over after {one.seconds:.0f} s, before anybody could act: let `for` be longer")
    if one.notified >= _FEW and one.slept_through * 5 >= one.fired * 4:
        yield (
            f"{one.slept_through} of {one.fired} times nobody acknowledged it and it ended by itself: route it to a "
            "ticket, or take it out"
        )
    if one.silenced * 2 >= one.fired:
        yield f"{one.silenced} of {one.fired} times it was silenced: mend what it tells of, or take it out"
