"""The comparisons with a number that a condition is made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from midwatch.server.promql.lint.walk import every, selectors
from midwatch.server.promql.syntax import to_text
from midwatch.server.promql.syntax.ast import COMPARISONS, Aggregate, Binary, Call, Expr, VectorSelector, unwrap
from midwatch.server.rules.observed import observed

_ONLY_WHILE_IT_LASTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})


@dataclass(frozen=True, slots=True)
class Compared:
    """`node` is the comparison as it stands in the query; `operator` has the number on its right.

    `guard`: others have to hold with it, so that it may well hold all the time.
    """

    node: Binary
    of: Expr
    query: str
    """`of` as PromQL."""
    operator: str
    threshold: float
    guard: bool

    @property
    def upward(self) -> bool:
        return self.operator in (">", ">=")

    @property
    def downward(self) -> bool:
        return self.operator in ("<", "<=")


def compared(expr: Expr, *, guard: bool = False) -> Iterator[Compared]:
    """Those without which the condition is another; what is there only while something is the matter is left out."""
    node = unwrap(expr)
    if not isinstance(node, Binary):
        return
    if node.operator in ("and", "or"):
        guard = guard or node.operator == "and"
        yield from compared(node.left, guard=guard)
        yield from compared(node.right, guard=guard)
    elif node.operator == "unless":
        yield from compared(node.left, guard=True)
    elif node.operator in COMPARISONS and not node.return_bool:
        seen = observed(node)
        if seen.operator is None or seen.threshold is None:
            return
        of = node.left if seen.query == to_text(node.left) else node.right
        if any(True for _ in selectors(of)) and not _comes_and_goes(of):
            yield Compared(node, of, seen.query, seen.operator, seen.threshold, guard)


def _comes_and_goes(expr: Expr) -> bool:
    for node in every(expr):
        match node:
            case Binary() if node.operator in COMPARISONS and not node.return_bool:
                return True
            case Binary() if node.operator in ("unless", "and"):
                return True
            case Call() if node.function.name.startswith("absent"):
                return True
            case VectorSelector() if node.name in _ONLY_WHILE_IT_LASTS:
                return True
            case Aggregate() if node.operator in ("topk", "bottomk", "limitk", "limit_ratio"):
                return True
    return False
