"""Errors in Loki's words: plain text, with the place in the query first."""

from midwatch.server.model.errors import BadQuery, MidwatchError


def loki_text(error: MidwatchError) -> str:
    """What Grafana shows beside the query's editor."""
    line, column, detail = (getattr(error, name, None) for name in ("line", "column", "detail"))
    if line is not None and column is not None and detail is not None:
        return f"parse error at line {line}, col {column}: {detail}"
    if isinstance(error, BadQuery) and error.column is not None:
        return f"parse error at line 1, col {error.column}: {error.message}"
    return error.message
