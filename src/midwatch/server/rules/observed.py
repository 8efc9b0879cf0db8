"""What a rule looks at and what it compares that with: the line and the threshold of its chart."""

from dataclasses import dataclass, replace

from midwatch.server.promql import Engine, Matrix, SeriesSource
from midwatch.server.promql.floats import is_stale
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.syntax import to_text
from midwatch.server.promql.syntax.ast import COMPARISONS, Binary, Expr, NumberLiteral, Unary, unwrap

_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Observed:
    """`operator` and `threshold` are None where the condition is no comparison with a number."""

    query: str
    operator: str | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One series of what a rule looks at: times in milliseconds with values."""

    labels: Labels
    points: tuple[tuple[int, float], ...]


def lines(engine: Engine, source: SeriesSource, query: str, start_ms: int, end_ms: int, step_ms: int) -> list[Line]:
    """Blocks, and asks the source. Raises QueryError."""
    matrix = engine.range(source, query, start_ms, end_ms, step_ms).value
    assert isinstance(matrix, Matrix)
    found = []
    for one in matrix.series:
        kept = ~is_stale(one.values)
        pairs = zip(one.times_ms[kept].tolist(), one.values[kept].tolist(), strict=True)
        found.append(Line(one.labels, tuple(pairs)))
    return found


def observed(expr: Expr) -> Observed:
    inner = unwrap(expr)
    if not isinstance(inner, Binary) or inner.operator not in COMPARISONS:
        return Observed(to_text(expr))
    left, right = number(inner.left), number(inner.right)
    if right is not None:
        return Observed(to_text(inner.left), inner.operator, right)
    if left is not None:
        return Observed(to_text(inner.right), _TURNED[inner.operator], left)
    return Observed(to_text(expr))


def with_threshold(expr: Expr, threshold: float) -> Expr | None:
    """The same condition with another number; None where it compares with none."""
    inner = unwrap(expr)
    if not isinstance(inner, Binary) or observed(expr).threshold is None:
        return None
    if number(inner.right) is not None:
        return replace(inner, right=NumberLiteral(threshold, inner.right.span))
    return replace(inner, left=NumberLiteral(threshold, inner.left.span))


def number(expr: Expr) -> float | None:
    inner = unwrap(expr)
    if isinstance(inner, NumberLiteral):
        return inner.value
    if isinstance(inner, Unary) and isinstance(found := unwrap(inner.expr), NumberLiteral):
        return -found.value if inner.operator == "-" else found.value
    return None
