"""What a lint found in a query."""

from dataclasses import dataclass
from typing import Literal

from midwatch.server.promql.syntax.ast import Expr, Span
from midwatch.server.promql.syntax.printer import to_text

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """An error cannot mean what was meant; a warning may."""

    check: str
    """Its name, by which it is looked up and told apart: `rate_of_gauge`."""
    severity: Severity
    message: str
    """What is wrong and why, with the next step."""
    span: Span
    """Where, in characters of the query."""
    mended: str | None = None
    """The whole query as it was probably meant."""


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a query, and what would stand there instead."""

    old: Expr
    new: Expr

    def applied(self, query: str) -> str:
        """The rest of the query stays as it was written."""
        return query[: self.old.span.start] + to_text(self.new) + query[self.old.span.end :]


def mended(query: str, *changes: Change) -> str:
    """All changes at once; they do not overlap."""
    for change in sorted(changes, key=lambda one: one.old.span.start, reverse=True):
        query = change.applied(query)
    return query
