"""Running scripts: each eval as it stands, pinned with @ and asked at other times, and within a range query."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from midwatch.server.promql import (
    Engine,
    EngineOptions,
    Matrix,
    ParserOptions,
    Points,
    QueryError,
    Result,
    Sample,
    Scalar,
    String,
    Vector,
    parse,
    to_text,
)
from midwatch.server.promql.floats import STALE_BITS
from midwatch.server.promql.histogram import Buckets, FloatHistogram
from midwatch.server.promql.labels import Labels, show
from midwatch.server.promql.memory import MemoryStore
from midwatch.server.promql.prepare import CHANGING
from midwatch.server.promql.series_text import Value
from midwatch.server.promql.syntax import ast

from .custom_buckets import add_custom
from .script import Clear, Eval, Load, read

_EPSILON = 1e-6
_LEAST = 2.2250738585072014e-308
_CONTEXT = ("start()", "end()", "range()", "step()")
OPTIONS = EngineOptions(parser=ParserOptions.everything(), delayed_name_removal=True, start_timestamps=True)
"""What Prometheus's own test engine has on."""


class MismatchError(AssertionError):
    pass


@dataclass(frozen=True)
class Case:
    command: Eval
    problem: str | None


def run(path: Path, options: EngineOptions = OPTIONS) -> Iterator[Case]:
    """Every eval of a script, with what is wrong about it."""
    engine, store = Engine(options), MemoryStore()
    for command in read(path):
        match command:
            case Clear():
                store = MemoryStore()
            case Load():
                _load(store, command)
            case Eval():
                try:
                    _check(engine, store, command)
                except MismatchError as problem:
                    yield Case(command, str(problem))
                except Exception as problem:
                    yield Case(command, f"{type(problem).__name__}: {problem}")
                else:
                    yield Case(command, None)


def _load(store: MemoryStore, load: Load) -> None:
    for labels, values, starts in load.series:
        for place, (one, start) in enumerate(zip(values, starts, strict=True)):
            time = place * load.gap_ms
            if one.value is not None:
                store.add(labels, time, one.value, 0 if start is None else time + start)
    if load.custom:
        add_custom(store, load.gap_ms, [(labels, values) for labels, values, _ in load.series])


def _check(engine: Engine, store: MemoryStore, command: Eval) -> None:
    if command.ranged:

        def ask() -> Result:
            return engine.range(store, command.query, command.start_ms, command.end_ms, command.step_ms)

        result = _answer(command, ask)
        if result is not None:
            _annotations(command, result)
            _compare_matrix(command, result)
        return
    asked = [(command.query, command.end_ms), *_pinned(command)]
    for query, time in asked:
        result = _answer(command, lambda query=query, time=time: engine.instant(store, query, time))
        if result is None:
            continue
        _annotations(command, result)
        if isinstance(result.value, Matrix):
            _compare_matrix(command, result)
            continue
        _compare_instant(command, result, ordered=command.ordered)
        ranged = command.string is None and not any(word in query for word in _CONTEXT) and not command.ordered
        if ranged:
            wide = engine.range(store, query, time - 60_000, time + 60_000, 60_000)
            _compare_instant(command, _middle(wide, result, time), ordered=False)


def _answer(command: Eval, ask: object) -> Result | None:
    """The result, or None where a failure was wanted and came."""
    fails = command.of("fail")
    try:
        result = ask()  # type: ignore[operator]
    except QueryError as problem:
        if not fails:
            raise MismatchError(f"failed: {problem.message}") from None
        if not fails[0].fits(problem.message):
            raise MismatchError(f"failed otherwise: {problem.message}") from None
        return None
    if fails:
        raise MismatchError("expected a failure")
    assert isinstance(result, Result)
    return result


def _pinned(command: Eval) -> list[tuple[str, int]]:
    """The query with every selector pinned to its time, to be asked at others: the answer stays the same."""
    expr = parse(command.query, OPTIONS.parser)
    if _changes(expr):
        return []
    query = to_text(_pin(expr, command.end_ms))
    at = command.end_ms
    times = [-10 * at, 0, at // 5, at, 10 * at] if at else [-1000, 0, 1000]
    return [(query, time) for time in times]


def _changes(expr: ast.Expr) -> bool:
    own = isinstance(expr, ast.Call) and expr.function.name in CHANGING | {"start", "end", "range", "step"}
    if isinstance(expr, ast.Subquery) and (expr.at_ms is not None or expr.at_edge is not None):
        return False
    return own or any(map(_changes, ast.children(expr)))


def _pin(expr: ast.Expr, at: int) -> ast.Expr:
    match expr:
        case ast.VectorSelector() | ast.Subquery():
            return expr if expr.at_ms is not None or expr.at_edge is not None else replace(expr, at_ms=at)
        case ast.MatrixSelector():
            selector = _pin(expr.selector, at)
            assert isinstance(selector, ast.VectorSelector)
            return replace(expr, selector=selector)
        case ast.Call():
            return replace(expr, arguments=tuple(_pin(one, at) for one in expr.arguments))
        case ast.Aggregate():
            parameter = None if expr.parameter is None else _pin(expr.parameter, at)
            return replace(expr, expr=_pin(expr.expr, at), parameter=parameter)
        case ast.Binary():
            return replace(expr, left=_pin(expr.left, at), right=_pin(expr.right, at))
        case ast.Paren() | ast.Unary():
            return replace(expr, expr=_pin(expr.expr, at))
    return expr


def _middle(wide: Result, narrow: Result, time: int) -> Result:
    """What a range query has at one time, as an instant query would give it."""
    assert isinstance(wide.value, Matrix)
    samples = []
    for points in wide.value.series:
        samples += [Sample(points.labels, float(points.values[i])) for i in np.flatnonzero(points.times_ms == time)]
        natives = zip(points.histogram_times_ms, points.histograms, strict=True)
        samples += [Sample(points.labels, one) for at, one in natives if at == time]
    if isinstance(narrow.value, Scalar):
        value = samples[0].value
        assert isinstance(value, float)
        return replace(wide, value=Scalar(value))
    return replace(wide, value=Vector(samples))


def _annotations(command: Eval, result: Result) -> None:
    for kind, told in (("warn", result.warnings), ("info", result.infos)):
        wanted = command.of(kind)
        if wanted and not told:
            raise MismatchError(f"expected {kind}, got none")
        exact = [one for one in wanted if one.text is not None or one.pattern is not None]
        for one in exact:
            # A query that is written anew has its parts at other places.
            if not any(one.fits(text) or _without_place(one.text) == _without_place(text) for text in told):
                raise MismatchError(f"expected {kind} {one.text or one.pattern!r}, got {told}")
        if exact and len(exact) == len(wanted):
            for text in told:
                if not any(one.fits(text) or _without_place(one.text) == _without_place(text) for one in exact):
                    raise MismatchError(f"unexpected {kind} {text!r}")
        if command.of(f"no_{kind}") and told:
            raise MismatchError(f"unexpected {kind}: {told}")


def _without_place(text: str | None) -> str | None:
    return None if text is None else text.rsplit(" (", 1)[0]


def _compare_instant(command: Eval, result: Result, *, ordered: bool) -> None:
    match result.value:
        case Scalar(value):
            if command.scalar is None or not same_number(value, command.scalar):
                raise MismatchError(f"expected {command.scalar}, got {value}")
        case String(value):
            if value != (command.string or ""):
                raise MismatchError(f"expected {command.string!r}, got {value!r}")
        case Vector(samples):
            _compare_vector(command, samples, ordered=ordered)


def _compare_vector(command: Eval, samples: list[Sample], *, ordered: bool) -> None:
    if command.scalar is not None:
        raise MismatchError("expected a scalar, got a vector")
    expected = {labels: (place, values[0]) for place, (labels, values) in enumerate(command.series)}
    got = ", ".join(f"{show(one.labels) or '{}'} {one.value}" for one in samples)
    if len({one.labels for one in samples}) != len(samples):
        raise MismatchError(f"labels twice: {got}")
    for place, one in enumerate(samples):
        if one.labels not in expected:
            raise MismatchError(f"unexpected {show(one.labels) or '{}'} {one.value}")
        wanted_place, wanted = expected[one.labels]
        if ordered and wanted_place != place:
            raise MismatchError(f"wrong order: {got}")
        if not _same(one.value, wanted):
            raise MismatchError(f"{show(one.labels) or '{}'}: expected {wanted.value}, got {one.value}")
    missing = set(expected) - {one.labels for one in samples}
    if missing:
        raise MismatchError(f"missing {', '.join(show(one) or '{}' for one in missing)}; got {got}")


def _compare_matrix(command: Eval, result: Result) -> None:
    assert isinstance(result.value, Matrix)
    series = result.value.series
    if [one.labels for one in series] != sorted(one.labels for one in series):
        raise MismatchError("a matrix that is not sorted by labels")
    expected: dict[Labels, list[Value]] = dict(command.series)
    if command.scalar is not None:
        raise MismatchError("expected a scalar, got a matrix")
    for points in series:
        if points.labels not in expected:
            raise MismatchError(f"unexpected {show(points.labels) or '{}'}: {_shown(points)}")
        _compare_points(command, points, expected[points.labels])
    missing = set(expected) - {one.labels for one in series}
    if missing:
        raise MismatchError(f"missing {', '.join(show(one) or '{}' for one in missing)}")


def _shown(points: Points) -> str:
    floats = dict(zip(points.times_ms.tolist(), points.values.tolist(), strict=True))
    return f"{floats} {list(zip(points.histogram_times_ms, map(str, points.histograms), strict=True))}"


def _compare_points(command: Eval, points: Points, values: list[Value]) -> None:
    got: dict[int, float | FloatHistogram] = dict(zip(points.times_ms.tolist(), points.values.tolist(), strict=True))
    got.update(zip(points.histogram_times_ms, points.histograms, strict=True))
    wanted = {command.start_ms + i * command.step_ms: one for i, one in enumerate(values) if one.value is not None}
    if set(got) != set(wanted):
        raise MismatchError(f"{show(points.labels)}: expected samples at {sorted(wanted)}, got {_shown(points)}")
    for time, one in wanted.items():
        if not _same(got[time], one):
            raise MismatchError(
                f"{show(points.labels)} at {time}: expected {one.value}, got {got[time]}: {_shown(points)}"
            )


def same_number(got: float, wanted: float) -> bool:
    """Within a millionth; NaN is NaN, but a stale marker is only itself."""
    bits = [int(np.array(one).view(np.uint64)) == STALE_BITS for one in (got, wanted)]
    if any(bits):
        return all(bits)
    if math.isnan(got) and math.isnan(wanted):
        return True
    if got == wanted:
        return True
    size, difference = abs(got) + abs(wanted), abs(got - wanted)
    if got == 0 or wanted == 0 or size < _LEAST:
        return difference < _EPSILON * _LEAST
    return difference / min(size, 1.7976931348623157e308) < _EPSILON


def _same(got: float | FloatHistogram, wanted: Value) -> bool:
    if isinstance(got, FloatHistogram) is not isinstance(wanted.value, FloatHistogram):
        return False
    if not isinstance(got, FloatHistogram):
        assert isinstance(wanted.value, float)
        return same_number(got, wanted.value)
    assert isinstance(wanted.value, FloatHistogram)
    left, right = got.compact(), wanted.value.compact()
    return (
        left.schema == right.schema
        and all(same_number(getattr(left, name), getattr(right, name)) for name in ("count", "sum", "zero_count"))
        and left.zero_threshold == right.zero_threshold
        and (not left.uses_custom or left.custom == right.custom)
        and _same_buckets(left.positive, right.positive)
        and _same_buckets(left.negative, right.negative)
        and (not wanted.hint_matters or left.hint is right.hint)
    )


def _same_buckets(got: Buckets, wanted: Buckets) -> bool:
    return got.index.tolist() == wanted.index.tolist() and all(
        same_number(a, b) for a, b in zip(got.counts.tolist(), wanted.counts.tolist(), strict=True)
    )
