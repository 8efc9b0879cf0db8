"""Which derived metrics there are: the built-in ones, and those of the plan in force."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from midwatch.contract.plan.sections.derived_metrics import DerivedMetric
from midwatch.contract.plan.sections.entities import Entities
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.promql.labels import NAME
from midwatch.server.promql.matchers import Matcher, MatchType
from midwatch.server.query.metrics.derived.builtin import BUILT_IN
from midwatch.server.query.metrics.derived.declared import declared
from midwatch.server.query.metrics.derived.entities import of_entities
from midwatch.server.query.metrics.derived.metric import Derived, Part


@dataclass(frozen=True, slots=True)
class Wanted:
    """One name of a metric, as a selector asks for it."""

    name: str
    metric: Derived
    part: Part


class DerivedCatalogue:
    """Of the plan in force. Safe to read from threads: what is there is replaced as a whole."""

    def __init__(self) -> None:
        self.metrics: tuple[Derived, ...] = BUILT_IN
        self._declared: Sequence[DerivedMetric] = ()
        self._entities: Entities = {}
        self._over = Counts(
            "midwatch_derived_series_over_limit_total",
            "Answers in which a derived metric had more series than it may, by metric",
            ("metric",),
        )

    def put(self, metrics: Sequence[DerivedMetric]) -> None:
        self._declared = metrics
        self.metrics = (*all_derived(metrics), *of_entities(self._entities))

    def put_entities(self, entities: Entities) -> None:
        self._entities = entities
        self.metrics = (*all_derived(self._declared), *of_entities(entities))

    def named(self, matchers: Sequence[Matcher]) -> list[Wanted]:
        """What has a name that all matchers of the name fit, and no label that it does not have."""
        found = []
        for metric in self.metrics:
            for name, part in metric.series.items():
                labels = {NAME, *(label for label, _ in metric.labels), *(["le"] if part is Part.BUCKET else [])}
                fits = (_fits(one, metric, name) for one in matchers if _told(one, labels))
                if all(fits):
                    found.append(Wanted(name, metric, part))
        return found

    def over(self, metric: Derived) -> None:
        """A metric had more series than it may."""
        self._over.add(metric.name)

    def measures(self) -> Iterable[Measure]:
        yield from self._over.measures()


def all_derived(metrics: Iterable[DerivedMetric]) -> tuple[Derived, ...]:
    """Those that are there by themselves, and what a plan declares."""
    return (*BUILT_IN, *(declared(one) for one in metrics))


def _fits(one: Matcher, metric: Derived, name: str) -> bool:
    if one.name != NAME:
        return one.matches("")
    return one.matches(name) or (one.type is MatchType.EQUAL and one.value in metric.other_names(name))


def _told(one: Matcher, labels: set[str]) -> bool:
    """Whether the name of a series tells already if the matcher fits."""
    return one.name == NAME or one.name not in labels
