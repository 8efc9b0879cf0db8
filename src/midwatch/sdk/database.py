"""What is told of each statement: a span with its shape, its duration, and a line when it was slow."""

from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanKind

from midwatch.contract.redaction.sql import Shape, shape_of
from midwatch.sdk import calls
from midwatch.sdk.guard import guarded
from midwatch.sdk.log_lines import type_name
from midwatch.sdk.setup import METRICS, in_force

SLOW_SECONDS = 0.5
LOGGER = "midwatch.database"

_COUNTED = "_midwatch_counted"

_tracer = trace.get_tracer(LOGGER)
_durations = METRICS.histogram(
    "db_query_duration_seconds", "Duration of database statements", ("system", "operation", "table")
)
_errors = METRICS.counter("db_errors_total", "Statements and connections that failed", ("system", "error"))
_busy: ContextVar[bool] = ContextVar("midwatch.database", default=False)


@dataclass(slots=True)
class Statement:
    """One that is being executed."""

    call: calls.Call
    system: str
    shape: Shape
    token: Token[bool]


@guarded
def begin(system: str, text: str, where: dict[str, Any], *, many: bool = False) -> Statement | None:
    """`system`: postgresql, mysql, sqlite …; `where`: the server and the database, as attributes.

    None inside of another statement: SQLAlchemy's runs on psycopg's.
    """
    if _busy.get():
        return None
    shape = shape_of(text, double_quotes_are_values=system in ("mysql", "mariadb"))
    attributes = {"db.system.name": system, "db.query.text": shape.text, "db.operation.name": shape.operation, **where}
    if shape.table:
        attributes["db.collection.name"] = shape.table
    if many:
        attributes["db.operation.batch"] = True
    name = f"{shape.operation} {shape.table}".strip() or system
    call = calls.begin(_tracer, name, SpanKind.CLIENT, attributes)
    return Statement(call, system, shape, _busy.set(True))


@guarded
def end(statement: Statement, error: BaseException | None = None) -> None:
    shape, system = statement.shape, statement.system
    _busy.reset(statement.token)
    span = statement.call.span
    if error is not None:
        # Its text quotes values: `Key (email)=(anna@…) already exists`.
        span.set_attribute("error.type", type_name(error))
        span.set_status(calls.FAILED)
        _errors.inc(system=system, error=type_name(error))
    seconds = calls.end(statement.call)
    _durations.observe(seconds, system=system, operation=shape.operation, table=shape.table)
    if seconds < SLOW_SECONDS:
        return
    running = in_force()
    if running is not None:
        fields = {"system": system, "statement": shape.text, "table": shape.table}
        running.logs.emit("warning", "slow query", {**fields, "duration_ms": round(seconds * 1000, 3)}, logger=LOGGER)


@guarded
def not_connected(system: str, error: BaseException) -> None:
    """Counted once, though SQLAlchemy and psycopg both tell of it."""
    if hasattr(error, _COUNTED):
        return
    setattr(error, _COUNTED, True)
    _errors.inc(system=system, error=type_name(error))
