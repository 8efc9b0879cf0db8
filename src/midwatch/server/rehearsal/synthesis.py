"""Series under which a rule is quiet, and then is not: found by trying levels, since any PromQL may be asked."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from midwatch.server.promql import Engine, QueryError, Scalar, Vector
from midwatch.server.promql.functions.registry import COUNTER_SUFFIXES
from midwatch.server.promql.labels import NAME, make
from midwatch.server.promql.lint import surviving
from midwatch.server.promql.lint.walk import every, selectors
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import Aggregate, Binary, Call, Expr, VectorSelector, unwrap
from midwatch.server.rehearsal.courses import STEP_MS, Course, Incident, Kind, Sketch
from midwatch.server.rehearsal.reach import LOOKBACK_MS, numbers, ranges_seconds, reach_ms, window_ms
from midwatch.server.rehearsal.words import value_for

TRIES_MAX = 4000
"""Evaluations until it is given up."""
CALM_MAX = 8
"""States of calm that are tried as the beginning of an incident."""
LEVELS_MAX = 24
SKETCH_MS_MAX = 60 * 86_400_000
"""A rule that looks further back is rehearsed over so much."""
ANYTHING = "drill"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_COUNTING = frozenset({"rate", "irate", "increase"})
_MOVING = frozenset({"changes", "deriv", "delta", "idelta"})
"""What these tell is how a series moves, up or down."""


class NotFound(Exception):
    """No series were found under which the rule fires; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What one selector's series do in one state; several for a histogram, whose buckets move together."""

    parts: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """The series of one selector."""

    labels: tuple[tuple[tuple[str, str], ...], ...]
    kind: Kind
    choices: tuple[Levels, ...]

    def courses(self, calm: Levels, incident: Levels) -> list[Course]:
        pairs = zip(self.labels, calm.parts, incident.parts, strict=True)
        return [Course(labels, self.kind, before, after) for labels, before, after in pairs]


@dataclass(frozen=True, slots=True)
class Found:
    courses: tuple[Course, ...]
    reach_ms: int
    """How long before its incident a sketch has to begin."""
    fills_ms: int
    """How long its incident lasts until the rule's condition surely holds."""


def synthesised(engine: Engine, expr: Expr, query: str, wanted: Sequence[str] = ()) -> Found:
    """`wanted`: labels that the rule's templates show.

    Raises:
        NotFound: nothing that was tried lets it fire.
    """
    units = _units(expr, wanted)
    if not units:
        raise NotFound("it asks for no series, so none can be made up")
    return _Search(engine, expr, query, units).found()


class _Search:
    def __init__(self, engine: Engine, expr: Expr, query: str, units: list[Unit]) -> None:
        self._engine, self._expr, self._query, self._units = engine, expr, query, units
        self._reach = min(SKETCH_MS_MAX, reach_ms(expr) + 10 * STEP_MS)
        self._fills = max(window_ms(expr), LOOKBACK_MS) + 2 * STEP_MS
        self._tries = 0

    def found(self) -> Found:
        incident = Incident(self._reach, self._reach + self._fills)
        for calm in self._calm_states():
            for state in self._states():
                if state == calm:
                    continue
                courses = self._courses(calm, state)
                if self._holds(courses, incident, incident.end_ms - 1):
                    return Found(tuple(courses), self._reach, self._fills)
                if self._tries > TRIES_MAX:
                    raise NotFound(f"none of {TRIES_MAX} combinations of levels lets it fire")
        raise NotFound("none of the levels that were tried lets it fire after it was quiet")

    def _calm_states(self) -> list[tuple[Levels, ...]]:
        """Those under which it is quiet, most with series that are there."""
        found: list[tuple[Levels, ...]] = []
        never = Incident(0, 0)
        for state in self._states():
            if self._tries > TRIES_MAX // 2 or len(found) >= CALM_MAX:
                break
            if not self._holds(self._courses(state, state), never, self._reach):
                found.append(state)
        return found

    def _states(self) -> Iterator[tuple[Levels, ...]]:
        """All units at the same place of their choices first: the most rules fire when all is much, or little."""
        longest = max(len(unit.choices) for unit in self._units)
        same = [tuple(unit.choices[at % len(unit.choices)] for unit in self._units) for at in range(longest)]
        yield from same
        known = set(same)
        yield from (state for state in itertools.product(*(unit.choices for unit in self._units)) if state not in known)

    def _courses(self, calm: tuple[Levels, ...], incident: tuple[Levels, ...]) -> list[Course]:
        triples = zip(self._units, calm, incident, strict=True)
        return [course for unit, before, after in triples for course in unit.courses(before, after)]

    def _holds(self, courses: list[Course], incident: Incident, at_ms: int) -> bool:
        self._tries += 1
        sketch = Sketch(courses, 0, max(at_ms, incident.end_ms), incident)
        try:
            value = self._engine.at(sketch, self._expr, self._query, at_ms).value
        except QueryError:
            return False
        match value:
            case Vector(samples):
                return bool(samples)
            case Scalar():
                return True
        return False


def _units(expr: Expr, wanted: Sequence[str]) -> list[Unit]:
    labels = _wanted_labels(expr, wanted)
    counted, moving = (set(map(id, _under(expr, names))) for names in (_COUNTING, _MOVING))
    found: dict[tuple[tuple[str, str], ...], Unit] = {}
    for selector in selectors(expr):
        if (given := _labels(selector, labels)) is None:
            continue
        if id(selector) in moving:
            unit = Unit((make(given),), Kind.COUNTER, _levels([0.0, *_rates(expr), *(-rate for rate in _rates(expr))]))
        else:
            unit = _unit(expr, selector, given, counted=id(selector) in counted)
        found.setdefault(unit.labels[0], unit)
    return list(found.values())


def _under(expr: Expr, functions: frozenset[str]) -> Iterator[VectorSelector]:
    for node in every(expr):
        if isinstance(node, Call) and node.function.name in functions:
            yield from (one for argument in node.arguments for one in selectors(argument))


def _wanted_labels(expr: Expr, wanted: Sequence[str]) -> list[str]:
    """Labels that something of the rule speaks of."""
    names = [name for name in wanted if surviving(expr).may_have(name)]
    for node in every(expr):
        if isinstance(node, Aggregate) and not node.without:
            names += node.grouping
        if isinstance(node, Binary) and node.matching.on:
            names += node.matching.labels
    return [name for name in dict.fromkeys(names) if name != "le"]


def _labels(selector: VectorSelector, wanted: Sequence[str]) -> dict[str, str] | None:
    """None: no series can match it."""
    by_name: dict[str, list[Matcher]] = {}
    for one in selector.matchers:
        by_name.setdefault(one.name, []).append(one)
    found = {name: ANYTHING for name in wanted if name not in by_name}
    for name, matchers in by_name.items():
        value = value_for(matchers)
        if value is None:
            return None
        found[name] = value
    if not found.get(NAME):
        found[NAME] = ANYTHING
    return {name: value for name, value in found.items() if value}


def _unit(expr: Expr, selector: VectorSelector, labels: dict[str, str], *, counted: bool) -> Unit:
    if labels[NAME].endswith("_bucket") and "le" not in labels:
        return _histogram(expr, labels)
    if counted or labels[NAME].endswith(COUNTER_SUFFIXES):
        return Unit((make(labels),), Kind.COUNTER, _levels(_rates(expr)))
    if _is_moment(expr, selector):
        return Unit((make(labels),), Kind.AGE, _levels([0.0, *_around(numbers(expr)), 1e9]))
    return Unit((make(labels),), Kind.GAUGE, _levels(_values(expr)))


def _is_moment(expr: Expr, selector: VectorSelector) -> bool:
    """Whether it is taken from the time of day: `time() - x`."""
    for node in every(expr):
        if isinstance(node, Binary) and node.operator == "-":
            left, right = unwrap(node.left), unwrap(node.right)
            time = isinstance(left, Call) and left.function.name in ("time", "timestamp")
            if time and any(one is selector for one in selectors(right)):
                return True
    return False


def _histogram(expr: Expr, labels: dict[str, str]) -> Unit:
    """Everything is quick, or everything is slower than every number of the rule."""
    slow = max([10.0, *(abs(number) for number in numbers(expr))]) * 2
    bounds = sorted({*BUCKETS, *(number for number in numbers(expr) if number > 0), slow, slow * 2})
    names = [f"{bound:g}" for bound in bounds] + ["+Inf"]
    every_label = tuple(make({**labels, "le": name}) for name in names)
    quick = tuple(10.0 for _ in names)
    slowly = tuple(10.0 if bound > slow else 0.0 for bound in [*bounds, float("inf")])
    nothing: tuple[float | None, ...] = tuple(None for _ in names)
    return Unit(every_label, Kind.COUNTER, (Levels(quick), Levels(slowly), Levels(nothing)))


def _levels(values: Sequence[float]) -> tuple[Levels, ...]:
    """Something in the middle first, which calm mostly is; last that there is nothing."""
    kept = list(dict.fromkeys(values))[: LEVELS_MAX - 1]
    return (*(Levels((value,)) for value in kept), Levels((None,)))


def _values(expr: Expr) -> list[float]:
    return [1.0, 0.0, *_around(numbers(expr)), 0.5, 10.0, 1e6, -1e6]


def _rates(expr: Expr) -> list[float]:
    """A second: as the numbers are, and as they are of a whole window."""
    seconds = ranges_seconds(expr)
    over_windows = [number / length for number in _around(numbers(expr)) for length in seconds if length]
    return [one for one in (1.0, 0.0, 100.0, *over_windows, *_around(numbers(expr)), 0.01, 1e4) if one >= 0]


def _around(found: Sequence[float]) -> list[float]:
    """Below and above each."""
    return [level for number in found for level in (number * 2 + 1, number / 2, number + 1, number - 1, number)]
