"""Inhibition: alerts that say nothing new while another one fires."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from midwatch.server.alerting.route import matches
from midwatch.server.model.alert import Alert, Labels
from midwatch.server.promql.matchers import Matcher


@dataclass(frozen=True, slots=True)
class InhibitRule:
    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]
    """Labels that have to be the same; one that both do not have is the same."""

    def values(self, labels: Labels) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self.equal)


class Inhibitor:
    """Knows which alerts can inhibit others. Told of every change of an alert."""

    def __init__(self, rules: Sequence[InhibitRule], alerts: Iterable[Alert] = ()) -> None:
        self._rules = rules
        self._sources: list[dict[tuple[str, ...], dict[str, Alert]]] = [{} for _ in rules]
        for alert in alerts:
            self.put(alert)

    def put(self, alert: Alert) -> None:
        for rule, sources in zip(self._rules, self._sources, strict=True):
            if matches(rule.source, alert.labels):
                sources.setdefault(rule.values(alert.labels), {})[alert.fingerprint] = alert

    def forget(self, alert: Alert) -> None:
        for rule, sources in zip(self._rules, self._sources, strict=True):
            values = rule.values(alert.labels)
            if (known := sources.get(values)) is not None:
                known.pop(alert.fingerprint, None)
                if not known:
                    del sources[values]

    def inhibited_by(self, labels: Labels, now_ns: int) -> str | None:
        """The fingerprint of a firing alert that inhibits an alert of these labels."""
        for rule, sources in zip(self._rules, self._sources, strict=True):
            known = sources.get(rule.values(labels))
            if known is None or not matches(rule.target, labels):
                continue
            # What is source and target alike is not inhibited by others that are: nor by itself.
            both = matches(rule.source, labels)
            for alert in known.values():
                if not alert.resolved(now_ns) and not (both and matches(rule.target, alert.labels)):
                    return alert.fingerprint
        return None
