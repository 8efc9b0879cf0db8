"""The tree of a query: what the engine, the printer and the page see, whoever parsed it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from midwatch.server.promql.matchers import Matcher


class ValueType(StrEnum):
    """The four types, as people know them; `wire` is their name in the HTTP API."""

    SCALAR = "scalar"
    VECTOR = "instant vector"
    MATRIX = "range vector"
    STRING = "string"

    @property
    def wire(self) -> str:
        return {"instant vector": "vector", "range vector": "matrix"}.get(self.value, self.value)


class Cardinality(StrEnum):
    ONE_TO_ONE = "one-to-one"
    MANY_TO_ONE = "many-to-one"
    ONE_TO_MANY = "one-to-many"
    MANY_TO_MANY = "many-to-many"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of the query, from 0, half open."""

    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        return Span(self.start, other.end)


@dataclass(frozen=True, slots=True)
class Signature:
    """A function: `variadic` is how many more arguments than the types it may have; -1: any number."""

    name: str
    arguments: tuple[ValueType, ...]
    returns: ValueType
    variadic: int = 0
    experimental: bool = False


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    value: float
    span: Span
    duration: bool = False


@dataclass(frozen=True, slots=True)
class StringLiteral:
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class DurationExpr:
    """Arithmetic over durations in seconds; `left` is None for a sign, both for `step()` and `range()`."""

    operator: str
    left: "Duration | None"
    right: "Duration | None"
    span: Span
    wrapped: bool = False


Duration = NumberLiteral | DurationExpr
Edge = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class VectorSelector:
    """`name` is what stood before the braces; it is among the matchers, too, as the last.

    `counts_only`: of native histograms only count and sum are looked at, whatever their buckets are.
    """

    name: str
    matchers: tuple[Matcher, ...]
    span: Span
    offset_ms: int = 0
    offset_expr: DurationExpr | None = None
    at_ms: int | None = None
    at_edge: Edge | None = None
    anchored: bool = False
    smoothed: bool = False
    counts_only: bool = False


@dataclass(frozen=True, slots=True)
class MatrixSelector:
    selector: VectorSelector
    range_ms: int
    span: Span
    range_expr: DurationExpr | None = None


@dataclass(frozen=True, slots=True)
class Subquery:
    """`step_ms` 0: the engine's default."""

    expr: "Expr"
    range_ms: int
    step_ms: int
    span: Span
    range_expr: DurationExpr | None = None
    step_expr: DurationExpr | None = None
    offset_ms: int = 0
    offset_expr: DurationExpr | None = None
    at_ms: int | None = None
    at_edge: Edge | None = None


@dataclass(frozen=True, slots=True)
class Call:
    function: Signature
    arguments: "tuple[Expr, ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class Aggregate:
    operator: str
    expr: "Expr"
    span: Span
    parameter: "Expr | None" = None
    grouping: tuple[str, ...] = ()
    without: bool = False


@dataclass(frozen=True, slots=True)
class Matching:
    """How the two sides of an operator find each other."""

    cardinality: Cardinality = Cardinality.ONE_TO_ONE
    labels: tuple[str, ...] = ()
    on: bool = False
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: "Expr"
    right: "Expr"
    span: Span
    matching: Matching = field(default_factory=Matching)
    return_bool: bool = False


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    expr: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class Paren:
    expr: "Expr"
    span: Span


Expr = (
    NumberLiteral
    | StringLiteral
    | VectorSelector
    | MatrixSelector
    | Subquery
    | Call
    | Aggregate
    | Binary
    | Unary
    | Paren
)

ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "atan2"})
COMPARISONS = frozenset({"==", "!=", "<=", "<", ">=", ">"})
SETS = frozenset({"and", "or", "unless"})
TRIMS = frozenset({"</", ">/"})
AGGREGATIONS = frozenset(
    [
        "sum",
        "avg",
        "count",
        "min",
        "max",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "count_values",
        "quantile",
        "limitk",
        "limit_ratio",
    ]
)
PARAMETER_AGGREGATIONS = frozenset({"topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio"})
EXPERIMENTAL_AGGREGATIONS = frozenset({"limitk", "limit_ratio"})


def type_of(expr: Expr) -> ValueType:  # noqa: PLR0911 - one line a node
    """The type an expression has, whether or not its parts fit."""
    match expr:
        case NumberLiteral():
            return ValueType.SCALAR
        case StringLiteral():
            return ValueType.STRING
        case MatrixSelector() | Subquery():
            return ValueType.MATRIX
        case Call():
            return expr.function.returns
        case Paren() | Unary():
            return type_of(expr.expr)
        case Binary():
            both = type_of(expr.left) is ValueType.SCALAR and type_of(expr.right) is ValueType.SCALAR
            return ValueType.SCALAR if both else ValueType.VECTOR
        case _:
            return ValueType.VECTOR


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions right below one; a range selector's own selector counts."""
    match expr:
        case MatrixSelector():
            return (expr.selector,)
        case Subquery() | Paren() | Unary():
            return (expr.expr,)
        case Call():
            return expr.arguments
        case Aggregate():
            return (expr.expr,) if expr.parameter is None else (expr.parameter, expr.expr)
        case Binary():
            return (expr.left, expr.right)
        case _:
            return ()


def unwrap(expr: Expr) -> Expr:
    """Without its parentheses."""
    while isinstance(expr, Paren):
        expr = expr.expr
    return expr
