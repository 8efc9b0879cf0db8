"""promtool's unit tests of rules (`promtool test rules`, Prometheus 3.x): the same files, the same answers."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import Document, read_document
from midwatch.contract.plan.explain import explained, listed
from midwatch.contract.plan.section import Model
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.promql import Engine, EngineOptions, QueryError, Scalar, Vector
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.labels import Labels, make, show
from midwatch.server.promql.memory import MemoryStore
from midwatch.server.promql.series_text import parse_metric, parse_series
from midwatch.server.rules.alerts import State
from midwatch.server.rules.evaluation import World
from midwatch.server.rules.evaluator import Evaluator
from midwatch.server.rules.form import duration_ms
from midwatch.server.rules.model import Group, RuleSet
from midwatch.server.rules.templates import RuleTemplates, Surroundings

EVALUATIONS_MAX = 100_000
"""Of one test: promtool has no bound, and a test that runs for years is a mistake."""
FUZZ = 1e-9
"""`fuzzy_compare`: how far apart two numbers may be, of the greater."""

Duration = Annotated[int, BeforeValidator(duration_ms)]
Labels_ = dict[str, str]


class InputSeries(Model):
    series: str
    values: str


class ExpectedAlert(Model):
    exp_labels: Labels_ | None = None
    exp_annotations: Labels_ | None = None


class AlertTest(Model):
    eval_time: Duration
    alertname: str
    exp_alerts: tuple[ExpectedAlert, ...] | None = None


class ExpectedSample(Model):
    labels: str = ""
    value: float | None = None
    histogram: str | None = None


class ExprTest(Model):
    expr: str
    eval_time: Duration
    exp_samples: tuple[ExpectedSample, ...] | None = None


class TestGroup(Model):
    name: str = ""
    interval: Duration = 60_000
    input_series: tuple[InputSeries, ...] | None = None
    alert_rule_test: tuple[AlertTest, ...] | None = None
    promql_expr_test: tuple[ExprTest, ...] | None = None
    external_labels: Labels_ = Field(default_factory=dict)
    external_url: str = ""


class TestFile(Model):
    rule_files: tuple[str, ...] = ()
    evaluation_interval: Duration = 60_000
    group_eval_order: tuple[str, ...] | None = None
    fuzzy_compare: bool = False
    tests: tuple[TestGroup, ...] | None = None


_FORM: TypeAdapter[TestFile] = TypeAdapter(TestFile)


@dataclass(frozen=True, slots=True)
class UnitTests:
    tests: int
    expectations: int
    problems: tuple[Problem, ...]


def read_unit_tests(file: str, text: str) -> tuple[TestFile | None, Document, list[Problem]]:
    """A test file, or what is wrong with it."""
    document = read_document(file, text)
    if document.problems or not isinstance(document.value, dict):
        wrong = document.problems or [document.problem((), "expected a mapping with rule_files and tests")]
        return None, document, wrong
    try:
        return _FORM.validate_python(listed(document.value)), document, []
    except ValidationError as error:
        return None, document, list(explained(error, _FORM, document, ()))


def run_unit_tests(tests: TestFile, document: Document, rules: RuleSet) -> UnitTests:
    """`rules` are those of its `rule_files`. Blocks: for a thread or a command line."""
    groups = _ordered(rules.groups, tests.group_eval_order or ())
    problems: list[Problem] = []
    expectations = 0
    for number, one in enumerate(tests.tests or ()):
        run = _Run(one, document, number, tests)
        expectations += len(one.alert_rule_test or ()) + len(one.promql_expr_test or ())
        problems += run.failures(groups)
    return UnitTests(len(tests.tests or ()), expectations, tuple(problems))


def _ordered(groups: Sequence[Group], order: Sequence[str]) -> list[Group]:
    places = {name: place for place, name in enumerate(order)}
    return sorted(groups, key=lambda one: places.get(one.name, len(places)))


class _Run:
    """One test: its series, its evaluations, what was expected of them."""

    def __init__(self, test: TestGroup, document: Document, number: int, file: TestFile) -> None:
        self._test, self._document, self._file = test, document, file
        self._path = ("tests", number)
        self._name = f"test {test.name or number + 1}: "
        self._store = MemoryStore()
        options = EngineOptions().with_features([])
        self._engine = Engine(options)
        surroundings = Surroundings(test.external_url, test.external_labels)
        self._world = World(self._engine, VirtualClock(0), RuleTemplates(surroundings))

    def failures(self, groups: Sequence[Group]) -> Iterator[Problem]:
        try:
            self._load()
        except ValueError as error:
            yield self._problem(("input_series",), str(error))
            return
        evaluators = [self._evaluator(group) for group in groups]
        alerts, step = list(enumerate(self._test.alert_rule_test or ())), self._file.evaluation_interval
        exprs = list(enumerate(self._test.promql_expr_test or ()))
        times = [one.eval_time for _, one in alerts] + [one.eval_time for _, one in exprs]
        last_ms = max(times, default=0)
        if last_ms // step > EVALUATIONS_MAX:
            message = f"expected at most {EVALUATIONS_MAX} evaluations, got {last_ms // step}"
            yield self._problem((), message)
            return
        for at_ms in range(0, last_ms + 1, step):
            for evaluator in evaluators:
                self._evaluate(evaluator, at_ms)
            for number, one in alerts:
                if at_ms <= one.eval_time < at_ms + step:
                    yield from self._alert_failures(one, number, evaluators)
        for number, test in exprs:
            yield from self._expr_failures(test, number)

    def _load(self) -> None:
        for one in self._test.input_series or ():
            labels, values = parse_series(f"{one.series} {one.values}")
            for place, value in enumerate(values):
                if value.value is not None:
                    self._store.add(labels, place * self._test.interval, value.value)

    def _evaluator(self, group: Group) -> Evaluator:
        evaluator = Evaluator(self._world)
        evaluator.load(RuleSet((group,)), 0)
        return evaluator

    def _evaluate(self, evaluator: Evaluator, at_ms: int) -> None:
        """At the test's own times, whatever the group's interval and offset say."""
        (state,) = evaluator.groups.values()
        state.done_ms = at_ms - state.group.interval_ms
        out = evaluator.evaluate(self._store, evaluator.due(at_ms, at_ms), at_ms)
        for one in out.samples:
            self._store.add(one.labels, one.at_ms, one.value)

    def _alert_failures(self, test: AlertTest, number: int, evaluators: Iterable[Evaluator]) -> Iterator[Problem]:
        found = []
        for evaluator in evaluators:
            for state in evaluator.groups.values():
                for rule in state.rules:
                    if rule.error:
                        yield self._problem(("alert_rule_test", number), f"{rule.rule.name}: {rule.error}")
                    if rule.rule.name == test.alertname and rule.rule.kind == "alerting":
                        firing = [one for one in rule.alerts if one.state is State.FIRING]
                        found += [(dict(one.labels), dict(one.annotations)) for one in firing]
        expected = [
            ({**(one.exp_labels or {}), "alertname": test.alertname}, one.exp_annotations or {})
            for one in test.exp_alerts or ()
        ]
        if sorted(map(_shown, found)) != sorted(map(_shown, expected)):
            message = f"alertname={test.alertname}: expected {_listed(expected)}; got {_listed(found)}"
            yield self._problem(("alert_rule_test", number), message)

    def _expr_failures(self, test: ExprTest, number: int) -> Iterator[Problem]:
        path = ("promql_expr_test", number)
        try:
            value = self._engine.instant(self._store, test.expr, test.eval_time).value
        except (QueryError, MidwatchError) as error:
            yield self._problem(path, f"expr={test.expr}: {error}")
            return
        found: list[tuple[Labels, float | FloatHistogram]] = []
        if isinstance(value, Vector):
            found = [(one.labels, one.value) for one in value.samples]
        elif isinstance(value, Scalar):
            found = [((), value.value)]
        try:
            expected = [_expected(one) for one in test.exp_samples or ()]
        except ValueError as error:
            yield self._problem(path, f"exp_samples: {error}")
            return
        if not self._same(found, expected):
            message = f"expr={test.expr}: expected {_samples(expected)}; got {_samples(found)}"
            yield self._problem(path, message)

    def _same(self, found: Sequence[tuple[Labels, Any]], expected: Sequence[tuple[Labels, Any]]) -> bool:
        if len(found) != len(expected):
            return False
        by_labels = dict(found)
        return all(labels in by_labels and self._equal(by_labels[labels], value) for labels, value in expected)

    def _equal(self, found: float | FloatHistogram, expected: float | FloatHistogram) -> bool:
        if isinstance(found, FloatHistogram) or isinstance(expected, FloatHistogram):
            return str(found) == str(expected)
        if math.isnan(expected) or math.isnan(found):
            return math.isnan(expected) and math.isnan(found)
        if self._file.fuzzy_compare:
            return math.isclose(found, expected, rel_tol=FUZZ, abs_tol=FUZZ)
        return found == expected or bool(np.nextafter(found, expected) == expected)

    def _problem(self, path: tuple[str | int, ...], message: str) -> Problem:
        return self._document.problem((*self._path, *path), self._name + message)


def _expected(one: ExpectedSample) -> tuple[Labels, float | FloatHistogram]:
    labels, rest = parse_metric(one.labels) if one.labels.strip() not in ("", "{}") else (make({}), "")
    if rest.strip():
        raise ValueError(f"cannot read labels {one.labels!r}")
    if one.histogram is not None:
        _, (value, *_) = parse_series(f"x {one.histogram}")
        if not isinstance(value.value, FloatHistogram):
            raise ValueError(f"cannot read histogram {one.histogram!r}")
        return labels, value.value
    return labels, one.value or 0.0


def _shown(alert: tuple[Mapping[str, str], Mapping[str, str]]) -> str:
    labels, annotations = (", ".join(f"{name}={value!r}" for name, value in sorted(one.items())) for one in alert)
    return f"{{{labels}}} with {{{annotations}}}"


def _listed(alerts: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> str:
    return "; ".join(sorted(map(_shown, alerts))) or "no alert"


def _samples(samples: Sequence[tuple[Labels, Any]]) -> str:
    return ", ".join(sorted(f"{show(labels)} {value}" for labels, value in samples)) or "nothing"
