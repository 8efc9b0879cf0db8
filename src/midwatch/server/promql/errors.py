"""What a query can end with.

QueryError           every refusal and failure; `kind` is Prometheus's `errorType`
├── ParseError       the text is not a query, or its types do not fit; knows line, column and what was expected
├── ParameterError   a start, end or step that no query can have
├── ExecutionError   the query is one, but these data or arguments have no answer
├── LimitError       more samples or series than the limits allow
├── QueryTimeoutError  the deadline has passed
└── QueryCanceledError  nobody waits for the answer any more
"""

from midwatch.server.model.errors import CallerError


class QueryError(CallerError):
    """Catch to answer whoever asked; `status` and `kind` are Prometheus's."""

    code = "bad_query"
    status = 422
    kind = "execution"


class ParseError(QueryError):
    """The text cannot be read; lines and columns count from 1, in characters."""

    status = 400
    kind = "bad_data"

    def __init__(self, message: str, *, line: int, column: int, start: int, end: int, expected: str = "") -> None:
        super().__init__(f"{line}:{column}: parse error: {message}")
        self.detail = message
        self.line = line
        self.column = column
        self.start = start
        self.end = end
        self.expected = expected


class ParameterError(QueryError):
    """A start, end or step that no query can have."""

    status = 400
    kind = "bad_data"


class ExecutionError(QueryError):
    """These data or arguments have no answer."""


class LimitError(QueryError):
    """A named limit; see limits.py."""

    code = "too_much"


class QueryTimeoutError(QueryError):
    """The deadline has passed; nothing is wrong with the query."""

    status = 503
    kind = "timeout"
    code = "too_much"


class QueryCanceledError(QueryError):
    """Nobody waits for the answer any more."""

    status = 503
    kind = "canceled"
