"""Rules as they are evaluated: what a file says, checked and with defaults filled in. Times are milliseconds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Literal

from midwatch.server.model.band import BandWanted
from midwatch.server.promql.syntax.ast import Expr

INTERVAL_MS = 60_000
"""Prometheus's own default of `evaluation_interval`."""
Kind = Literal["alerting", "recording"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`labels` have those of the group already. `query` is the expression as PromQL's printer writes it."""

    name: str
    query: str
    expr: Expr
    labels: Mapping[str, str] = field(default_factory=dict)
    line: int = 1
    written: str = ""
    """The convenience that `query` was made of, such as `absent`; empty where it stands in the file as PromQL."""
    band: BandWanted | None = None
    """What the query compares with, where it was written as `anomaly`."""
    id: str = ""
    """16 hex digits: the same for as long as file, group, kind, name and labels are."""

    @property
    def kind(self) -> Kind:
        return "recording"


@dataclass(frozen=True, slots=True)
class RecordingRule(Rule):
    pass


@dataclass(frozen=True, slots=True)
class AlertingRule(Rule):
    annotations: Mapping[str, str] = field(default_factory=dict)
    for_ms: int = 0
    keep_firing_for_ms: int = 0

    @property
    def kind(self) -> Kind:
        return "alerting"


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other, at one time, every `interval_ms`."""

    file: str
    name: str
    rules: tuple[Rule, ...]
    interval_ms: int = INTERVAL_MS
    query_offset_ms: int = 0
    limit: int = 0
    """Alerts or series that one rule may have at once; 0: any number."""

    @property
    def key(self) -> str:
        """As Prometheus names a group in its own metrics."""
        return f"{self.file};{self.name}"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Every group that is in force."""

    groups: tuple[Group, ...] = ()

    def __iter__(self) -> Iterator[tuple[Group, Rule]]:
        return ((group, rule) for group in self.groups for rule in group.rules)

    def bands(self) -> list[BandWanted]:
        return [rule.band for _, rule in self if rule.band is not None]

    def find(self, rule_id: str) -> tuple[Group, Rule] | None:
        return next((pair for pair in self if pair[1].id == rule_id), None)

    def alerting(self, name: str) -> list[tuple[Group, AlertingRule]]:
        """Alerting rules of that name: a rehearsal asks by it."""
        return [(group, rule) for group, rule in self if isinstance(rule, AlertingRule) and rule.name == name]


def with_ids(file: str, group: str, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules with their ids; equal ones of a group are told apart by their order."""
    seen: dict[str, int] = {}
    found = []
    for rule in rules:
        labels = "\xff".join(f"{name}\xfe{value}" for name, value in sorted(rule.labels.items()))
        whole = "\xff\xff".join((file, group, rule.kind, rule.name, labels))
        place = seen[whole] = seen.get(whole, 0) + 1
        found.append(replace(rule, id=sha256(f"{whole}\xff{place}".encode("utf-8", "replace")).hexdigest()[:16]))
    return tuple(found)


def joined(sets: Iterable[RuleSet]) -> RuleSet:
    return RuleSet(tuple(group for one in sets for group in one.groups))
