"""The tree of a LogQL query. What stands around range aggregations is PromQL's own tree (promql/syntax/ast.py)."""

from dataclasses import dataclass, field

from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import Expr, Span


@dataclass(frozen=True, slots=True)
class LineFilter:
    """`|= "a" or "b"`: a line passes when any of the texts is (or, with `!`, none is) in it."""

    operator: str
    texts: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class LineInNetwork:
    """`|= ip("10.0.0.0/8")`"""

    network: str
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Parse:
    """`json`, `logfmt` or `unpack`; with `fields` only those: label and where it stands in the line."""

    format: str
    span: Span
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """`regexp` and `pattern`, both as one regular expression; `names` of its groups, empty: only passed over."""

    pattern: str
    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class CompareText:
    matcher: Matcher
    span: Span


@dataclass(frozen=True, slots=True)
class CompareNumber:
    """`unit` is how the label's own text is read: a number, a duration (in seconds) or a size in bytes."""

    name: str
    operator: str
    value: float
    unit: str
    span: Span


@dataclass(frozen=True, slots=True)
class InNetwork:
    name: str
    network: str
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Junction:
    """`and` or `or` of two filters."""

    operator: str
    left: "LabelFilter"
    right: "LabelFilter"


LabelFilter = CompareText | CompareNumber | InNetwork | Junction


@dataclass(frozen=True, slots=True)
class LineFormat:
    template: str
    span: Span


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """Assignments in their order: the label, its template or the label it is renamed from."""

    assignments: tuple[tuple[str, str, bool], ...]
    """Name, text, and whether the text is a template."""
    span: Span


@dataclass(frozen=True, slots=True)
class Drop:
    labels: tuple[tuple[str, Matcher | None], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Keep:
    labels: tuple[tuple[str, Matcher | None], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Decolorize:
    span: Span


@dataclass(frozen=True, slots=True)
class Unwrap:
    """`unwrap duration(took)`: the label whose value is the sample; `conversion` empty: a plain number."""

    label: str
    conversion: str
    span: Span


Stage = (
    LineFilter
    | LineInNetwork
    | Parse
    | Capture
    | CompareText
    | CompareNumber
    | InNetwork
    | Junction
    | LineFormat
    | LabelFormat
    | Drop
    | Keep
    | Decolorize
    | Unwrap
)


@dataclass(frozen=True, slots=True)
class LogQuery:
    matchers: tuple[Matcher, ...]
    stages: tuple[Stage, ...]
    span: Span

    @property
    def unwraps(self) -> bool:
        return any(isinstance(stage, Unwrap) for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Grouping:
    labels: tuple[str, ...]
    without: bool


@dataclass(frozen=True, slots=True)
class RangeAggregation:
    """`rate({…} [5m] offset 1h)`: one number for each stream, or group, and step."""

    function: str
    query: LogQuery
    range_ms: int
    offset_ms: int
    span: Span
    parameter: float = 0.0
    grouping: Grouping | None = None


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """`expr` is PromQL's tree; its selectors are named `leaf(n)` and stand for `ranges[n]`."""

    expr: Expr
    ranges: tuple[RangeAggregation, ...] = field(default_factory=tuple)


Query = LogQuery | MetricQuery


def leaf(index: int) -> str:
    return f"range_{index}"
