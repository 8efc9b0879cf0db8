"""What processes have counted that were forked for one job each: their parent tells it as its own.

Such a process lives for seconds. As an instance of its own it would send each counter once, and none would ever grow.
So it writes what it has counted since its fork on a sheet that it shares with its parent: whenever metrics are due, and
at its end. What stands on the sheet of one that was killed counts, too.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from math import isnan

from prometheus_client.core import Metric, Sample

from midwatch.sdk import forks
from midwatch.sdk.metric_kinds import CARDINALITY, LABEL_SETS_MAX, OTHER
from midwatch.sdk.metric_names import Given
from midwatch.sdk.problems import Problems
from midwatch.sdk.series import MEASUREMENTS
from midwatch.sdk.sheets import Family, Labels, Series, Sheet

COUNTED = ("counter", "histogram")
MIXED_KINDS = "mixed_kinds"

Collect = Callable[[], Iterable[Metric]]


class Children:
    """Of a parent: what its children have told. Of such a child: what it is to tell."""

    def __init__(self, given: dict[str, Given], problems: Problems) -> None:
        """What metrics of the children were called is added to `given`."""
        self._given = given
        self._problems = problems
        self._lock = threading.RLock()
        self._gone: dict[str, Family] = {}
        self._sheets: list[Sheet] = []
        self._expected: Sheet | None = None
        self._mine: Sheet | None = None
        self._at_fork: dict[Series, float] = {}
        self._seen: dict[Series, float] = {}
        self._set: set[Series] = set()
        forks.in_child(self._forked)

    def expect(self) -> None:
        """In the parent, before the fork of a child that calls `become_one`. Raises OSError where it cannot be told."""
        with self._lock:
            self._sheets.append(Sheet())

    def ended(self) -> None:
        """In the parent, when those that were expected have ended."""
        with self._lock:
            sheets, self._sheets = self._sheets, []
            for sheet in sheets:
                self._add(self._gone, sheet.read())
                sheet.close()

    def become_one(self, collect: Collect) -> None:
        """In the child, before it measures anything; without effect in one that nobody expected."""
        self._mine = self._expected
        self._at_fork = self._seen = _gauges(collect()) if self._mine else {}
        self._set.clear()

    def tell(self, read: Callable[[], None], collect: Collect) -> bool:
        """In the child: write down what it has counted. False where this process tells its metrics by itself."""
        if self._mine is None:
            return False
        # What the job has set is told; what is set by reading, such as this process's memory, goes with it.
        found = _gauges(collect())
        self._set.update(key for key, value in found.items() if not _same(value, self._seen.get(key, 0.0)))
        read()
        families = list(collect())
        self._seen = _gauges(families)
        self._mine.write([one for one in map(self._told_of, families) if one.values])
        return True

    def joined(self, families: Iterable[Metric]) -> Iterable[Metric]:
        """What this process has measured, with its children's."""
        with self._lock:
            if not self._gone and not self._sheets:
                return families
            told: dict[str, Family] = {}
            self._add(told, self._gone.values())
            for sheet in self._sheets:
                self._add(told, sheet.read())
        return _join(families, told)

    def _forked(self) -> None:
        """What the parent was told, the parent tells; the child of such a child is none."""
        self._lock = threading.RLock()
        self._expected, self._mine = self._sheets[-1] if self._sheets else None, None
        self._gone, self._sheets = {}, []

    def _told_of(self, family: Metric) -> Family:
        told = Family(family.name, family.type, family.documentation, family.unit, self._given.get(family.name))
        for sample in family.samples:
            key = _series(sample)
            if family.type in COUNTED and not sample.name.endswith("_created"):
                told.values[key] = sample.value
                if sample.exemplar:
                    told.exemplars[key] = sample.exemplar
            elif key in self._set:
                told.values[key], told.bases[key] = sample.value, self._at_fork.get(key, 0.0)
        return told

    def _add(self, to: dict[str, Family], families: Iterable[Family]) -> None:
        for one in families:
            known = to.setdefault(one.name, Family(one.name, one.kind, one.text, one.unit))
            if known.kind != one.kind:
                self._problems.dropped(MEASUREMENTS, MIXED_KINDS, 1, f"{one.name} is a {known.kind}, and a {one.kind}")
                continue
            if one.given:
                self._given.setdefault(one.name, one.given)
            label_sets = {_without_bound(labels) for _, labels in known.values}
            for (name, labels), value in one.values.items():
                key = name, self._within(label_sets, labels, one.name)
                known.values[key] = value + (known.values.get(key, 0.0) if one.kind in COUNTED else 0.0)
            known.exemplars.update(one.exemplars)
            known.bases.update(one.bases)

    def _within(self, label_sets: set[Labels], labels: Labels, name: str) -> Labels:
        """What is one more than may be is counted as the others."""
        own = _without_bound(labels)
        if own not in label_sets and len(label_sets) >= LABEL_SETS_MAX:
            self._problems.dropped("label sets", CARDINALITY, 1, f"of {name}, in processes of jobs")
            return tuple((key, value if key == "le" else OTHER) for key, value in labels)
        label_sets.add(own)
        return labels


def _join(families: Iterable[Metric], told: dict[str, Family]) -> Iterator[Metric]:
    for family in families:
        more = told.pop(family.name, None)
        if more is not None and more.kind == family.type:
            family.samples = [*_with(family.samples, more)]
        yield family
    for more in told.values():
        family = Metric(more.name, more.text, more.kind, more.unit)
        family.samples = [*_with((), more)]
        yield family


def _with(samples: Iterable[Sample], more: Family) -> Iterator[Sample]:
    """The parent's samples with what was told of them, then those that it does not have."""
    own = set()
    for sample in samples:
        key = _series(sample)
        own.add(key)
        value = more.values.get(key)
        if value is None:
            yield sample
        elif more.kind in COUNTED:
            exemplar = more.exemplars.get(key) or sample.exemplar
            yield sample._replace(value=sample.value + value, exemplar=exemplar)
        else:
            # A gauge that the parent has set since is what the parent says.
            untouched = _same(sample.value, more.bases.get(key, 0.0))
            yield sample._replace(value=value) if untouched else sample
    for key, value in more.values.items():
        if key not in own:
            name, labels = key
            yield Sample(name, dict(labels), value, None, more.exemplars.get(key))


def _gauges(families: Iterable[Metric]) -> dict[Series, float]:
    return {_series(sample): sample.value for one in families if one.type == "gauge" for sample in one.samples}


def _series(sample: Sample) -> Series:
    return sample.name, tuple(sample.labels.items())


def _without_bound(labels: Labels) -> Labels:
    return tuple(one for one in labels if one[0] != "le")


def _same(one: float, other: float) -> bool:
    return one == other or (isnan(one) and isnan(other))
