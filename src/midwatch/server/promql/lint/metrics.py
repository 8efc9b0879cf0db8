"""Whether somebody sends what is asked for."""

from collections.abc import Iterator

from midwatch.server.model.band import EXPECTED, LOWER, UPPER
from midwatch.server.promql.lint.finding import Finding
from midwatch.server.promql.lint.sent import Sent
from midwatch.server.promql.lint.walk import selectors
from midwatch.server.promql.syntax.ast import Expr

_OURS = frozenset({"ALERTS", "ALERTS_FOR_STATE", "up", LOWER, EXPECTED, UPPER})


def nobody_sends(query: str, expr: Expr, sent: Sent) -> Iterator[Finding]:
    """Each metric that is not there is told once."""
    told: set[str] = set()
    for found in selectors(expr):
        name = found.name
        if not name or name in _OURS or name in told or not sent.missing(name):
            continue
        told.add(name)
        near = sent.near(name)
        message = f"nobody sends {name}"
        message += f"; did you mean {near}?" if near else ": no such metric came in, and no rule records it"
        text = query[: found.span.start] + query[found.span.start :].replace(name, near, 1) if near else None
        yield Finding("nobody_sends", "warning", message, found.span, text)
