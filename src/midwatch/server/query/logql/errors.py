"""What a LogQL query can end with, besides PromQL's own (server/promql/errors.py), which stand for its arithmetic.

Unsupported     a part of the language that is not answered here; knows its place
PipelineError   lines that a parser, filter or unwrap could not read, in a metric query
"""

from midwatch.server.model.errors import BadQuery
from midwatch.server.promql.syntax.ast import Span


class Unsupported(BadQuery):
    """Said by name, so that nothing is answered that was not asked."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message, column=span.start + 1)
        self.span = span


class PipelineError(BadQuery):
    """A number over lines of which some have `__error__` would be wrong; as in Loki the query says so."""

    def __init__(self, error: str) -> None:
        super().__init__(
            f"pipeline error: '{error}' for some lines. Use a label filter to intentionally skip this error."
            f' (e.g | __error__!="{error}"). To skip all potential errors you can match empty errors.(e.g __error__="")'
        )
