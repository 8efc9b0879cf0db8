"""One SELECT from a user: parsed, allowed tables and functions only, bounded, read-only besides.

The engine has no grants to lean on, so this fence allows by name and refuses everything else by name.
"""

import math
import re
import time
from collections.abc import Mapping
from typing import Any, Protocol

import sqlglot
from sqlglot import exp

from midwatch.server.model.errors import BadQuery, StoreError
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.sql_functions import FUNCTIONS
from midwatch.server.query.sql_scope import TIMES, narrowed
from midwatch.server.schemas.sql import SqlColumn, SqlResult, SqlStats

TABLES = frozenset(TIMES)
_ENGINE_SAYS = re.compile(r"DB::Exception: (.+?)(?: \(version [^)]*\))?(?: \(for url [^)]*\))?$", re.DOTALL)
"""The engine's own sentence, out of what the driver says around it."""
_STORE_TROUBLE_CODES = frozenset({202, 209, 210, 236, 242, 394, 439})
"""Exception codes that another statement would not avoid: too busy, disconnected, stopping, cancelled."""
_REFUSED_NODES = (
    exp.Command,
    exp.Into,
    exp.Placeholder,
    exp.Parameter,
    exp.SetItem,
    exp.Pivot,
)


class Answer(Protocol):
    columns: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]
    elapsed_ms: float
    rows_read: int
    bytes_read: int


class Tables(Protocol):
    async def table(
        self, sql: str, params: Mapping[str, Any] | None = None, *, settings: Mapping[str, Any] | None = None
    ) -> Any: ...


def fenced(text: str, span: TimeRange | None = None, environments: tuple[str, ...] = ()) -> str:
    """The statement to run, rendered anew from what was parsed: nothing that was not understood gets through.

    Where a range or environments are given, its tables hold nothing else.

    Raises:
        BadQuery: not one SELECT, or something in it is not allowed; the message names it.
    """
    if "\0" in text:
        raise BadQuery("the statement has a NUL character")
    try:
        statements = [statement for statement in sqlglot.parse(text, read="clickhouse") if statement is not None]
    except sqlglot.errors.ParseError as error:
        raise _unread(error) from None
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise BadQuery(f"cannot read the statement: {str(error)[:300]}") from None
    except Exception:
        # The parser falls over a few calls that have too few arguments, `map(x)` for one.
        raise BadQuery("cannot read the statement: expected other arguments in one of its function calls") from None
    if len(statements) != 1:
        raise BadQuery(f"expected one SELECT, found {len(statements)} statements")
    tree = statements[0]
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        raise BadQuery(f"expected a SELECT, found {tree.key.upper()}")
    if isinstance(tree, exp.Select) and not tree.expressions:
        raise BadQuery("expected columns after SELECT")
    for node in tree.walk():
        _check(node)
    _check_tables(tree, frozenset())
    return narrowed(tree, span, environments).sql(dialect="clickhouse", comments=False)


def _unread(error: sqlglot.errors.ParseError) -> BadQuery:
    """Where the parser stopped; its own text is coloured for a terminal."""
    first = error.errors[0]
    what, near = first["description"].partition(" but got <Token")[0], first["highlight"]
    column = first["col"] - len(near) + 1
    said = f"cannot read the statement: line {first['line']}, column {column}, at {near[:40]!r}: {what}"
    return BadQuery(said, column=column if first["line"] == 1 else None)


def _check(node: exp.Expr) -> None:
    if isinstance(node, _REFUSED_NODES):
        raise BadQuery(f"{node.key.upper()} is not allowed here")
    if isinstance(node, exp.Select | exp.SetOperation | exp.Subquery):
        for part in ("settings", "format", "into", "sample", "locks"):
            if node.args.get(part):
                raise BadQuery(f"{part.upper()} is not allowed here")
    if isinstance(node, exp.Func | exp.ParameterizedAgg | exp.CombinedAggFunc | exp.CombinedParameterizedAgg):
        name = _function_name(node)
        if name not in FUNCTIONS:
            raise BadQuery(f"the function {name} is not allowed here")


def _function_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc | exp.CombinedAggFunc):
        return str(node.this).lower()
    if isinstance(node, exp.ParameterizedAgg | exp.CombinedParameterizedAgg):
        return str(node.this if isinstance(node.this, str) else node.this.sql()).lower()
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else node.key


def _check_tables(node: exp.Expr, known: frozenset[str]) -> None:
    """Every table below the node is ours, or a WITH that it can see: of this or an outer SELECT, and written before.

    Names are compared as the engine compares them, to the letter: a name that only looks like a WITH's is a table's.
    """
    for cte in node.find_all(exp.CTE) if node.args.get("with_") else ():
        if cte.parent is node.args["with_"]:
            _check_tables(cte.this, known)
            if cte.alias.lower() in TABLES:
                raise BadQuery(f"WITH {cte.alias}: expected a name that is not one of our tables")
            known |= {cte.alias}
    if isinstance(node, exp.Table):
        _check_table(node, known)
    if isinstance(node, exp.In) and isinstance(node.args.get("field"), exp.Expr):
        said = node.args["field"].sql(dialect="clickhouse")[:60]
        raise BadQuery(f"IN {said}: expected a list or a SELECT in brackets")
    for child in node.iter_expressions():
        if not isinstance(child, exp.With):
            _check_tables(child, known)


def _check_table(table: exp.Table, known: frozenset[str]) -> None:
    if not isinstance(table.this, exp.Identifier):
        raise BadQuery(f"the table function {table.this.sql(dialect='clickhouse')[:60]} is not allowed here")
    if table.args.get("db") or table.args.get("catalog"):
        raise BadQuery(f"{table.sql(dialect='clickhouse')[:60]}: expected a table without a database")
    if table.name not in TABLES and table.name not in known:
        raise BadQuery(f"the table {table.name[:60]} is not known; expected one of {', '.join(sorted(TABLES))}")


class SqlQueries:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def run(
        self, text: str, limit: int, span: TimeRange | None = None, environments: tuple[str, ...] = ()
    ) -> SqlResult:
        """Rows up to the limit, and whether there were more."""
        started = time.perf_counter()
        statement = fenced(text, span, environments)
        settings = {
            "max_result_rows": limit + 1,
            "result_overflow_mode": "break",
            "max_rows_to_group_by": 10_000_000,
            "allow_introspection_functions": 0,
            "readonly": 1,
        }
        try:
            answer = await self._tables.table(f"SELECT * FROM ({statement}) LIMIT {limit + 1}", settings=settings)
        except StoreError as error:
            if "deserialization not supported" in error.message:
                raise BadQuery(
                    "a column is the state of an aggregate, which has no value of its own: name the others or merge it,"
                    " as in quantilesTDigestWeightedMerge(0.5, 0.95, 0.99)(Durations)"
                ) from None
            if error.exception_code is None or error.exception_code in _STORE_TROUBLE_CODES:
                raise
            said = _ENGINE_SAYS.search(error.message)
            raise BadQuery(f"the store says: {said[1]}" if said else error.message) from None
        return SqlResult(
            columns=[SqlColumn(name=name, type=kind) for name, kind in answer.columns],
            rows=[[_plain(value) for value in row] for row in answer.rows[:limit]],
            truncated=len(answer.rows) > limit,
            stats=SqlStats(
                elapsed_ms=round((time.perf_counter() - started) * 1000, 2),
                rows_read=answer.rows_read,
                bytes_read=answer.bytes_read,
            ),
        )


def _plain(value: Any) -> Any:
    """A value as JSON has it: bytes as hex, not-a-number as null, times as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
