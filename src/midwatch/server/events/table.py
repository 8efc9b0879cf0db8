"""One table of a team's PostgreSQL, read from a place on: in which order, and what may still be written before it.

Positions are given when a row is made, and rows are seen when their transaction has ended: one with a lower position
may come later than one with a higher. So what was read is looked at again until every transaction that ran at the time
has ended (PostgreSQL's snapshots tell), and for `overlap` at least, which is for times as positions: those are of the
begin of a transaction.
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Composed, Identifier, Literal

from midwatch.contract.plan.sections.event_sources import Columns, EventSource
from midwatch.server.model.clock import Clock
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.outgoing.reach import AddressRefused, Guard, ResolverBusy

ROWS_AT_ONCE = 1000
WINDOW_MAX = 200_000
"""Rows that are looked at again; more in one overlap are not told apart from new ones."""
AGAIN_SECONDS = 10.0
CONNECT_SECONDS = 10
STATEMENT_MS = 30_000


class TableFailed(Exception):
    """The table cannot be read; the message says why and what to do, without a secret."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far was read at a time, and which transactions may not have ended by then."""

    at: float
    position: str
    xmax: int


class EventTable:
    """One reader at a time. After an error it is opened anew, from what is safe."""

    def __init__(self, source: EventSource, guard: Guard, files: PlanFiles, clock: Clock, safe: str) -> None:
        """`safe`: everything up to this position was read; empty: nothing."""
        self._source, self._guard, self._files, self._clock = source, guard, files, clock
        self.safe = safe
        self._newest: tuple[str, str] = (safe, "")
        """Position and id of the last row that was read."""
        self._seen: set[str] = set()
        self._marks: deque[_Mark] = deque()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._type = ""
        self._looked_again = -1e9

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def read(self) -> AsyncGenerator[list[dict[str, Any]], None]:
        """Events that are new, in parts. A part counts as read when the next is asked for.

        Raises:
            TableFailed: with the reason.
        """
        try:
            connection = await self._opened()
            async with self._snapshot(connection) as (xmin, xmax):
                while rows := await self._fresh(connection):
                    yield [self._event(row) for row in rows]
                    self._newest = (rows[-1]["position_"], rows[-1]["id_"])
                    self._seen.update(row["id_"] for row in rows)
                now = self._clock.monotonic()
                if now - self._looked_again >= AGAIN_SECONDS and self._newest[0]:
                    while late := await self._late(connection):
                        yield [self._event(row) for row in late]
                        self._seen.update(row["id_"] for row in late)
                    self._looked_again = now
                    # In the same snapshot: what it shows to have ended is among what was just looked at.
                    self._note(now, xmin, xmax)
        except psycopg.Error as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise TableFailed(f"PostgreSQL: {said}") from None

    def _note(self, now: float, xmin: int, xmax: int) -> None:
        self._marks.append(_Mark(now, self._newest[0], xmax))
        while self._marks and now - self._marks[0].at >= self._source.overlap and xmin >= self._marks[0].xmax:
            self.safe = self._marks.popleft().position

    @asynccontextmanager
    async def _snapshot(self, connection: psycopg.AsyncConnection[Any]) -> AsyncIterator[tuple[int, int]]:
        """All reads see the same; the oldest transaction that has not ended, and the first that has not begun."""
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = await connection.execute(
                "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
                " FROM pg_current_snapshot() AS s"
            )
            row = await found.fetchone()
            assert row is not None
            yield int(row[0]), int(row[1])

    async def _fresh(self, connection: psycopg.AsyncConnection[Any]) -> list[dict[str, Any]]:
        position, last_id = self._newest
        column, id_ = Identifier(self._source.columns.position), Identifier(self._source.columns.id)
        where = SQL("{0} IS NOT NULL").format(column)
        if position:
            where = SQL("{0} >= {1} AND ({0}, {2}::text) > ({1}, {3}::text)").format(
                column, self._place(position), id_, Literal(last_id)
            )
        return await self._rows(connection, where, ROWS_AT_ONCE)

    async def _late(self, connection: psycopg.AsyncConnection[Any]) -> list[dict[str, Any]]:
        """Some of the rows that came to be seen behind what was read."""
        column, id_ = Identifier(self._source.columns.position), Identifier(self._source.columns.id)
        window = SQL("{0} <= {1}").format(column, self._place(self._newest[0]))
        if self.safe:
            window = SQL("{0} AND {1} > {2}").format(window, column, self._place(self.safe))
        query = SQL("SELECT {0}::text FROM {1} WHERE {2} ORDER BY {3} DESC LIMIT {4}").format(
            id_, self._table, window, column, Literal(WINDOW_MAX)
        )
        ids = {row[0] for row in await (await connection.execute(query)).fetchall()}
        late = sorted(ids - self._seen)[:ROWS_AT_ONCE]
        self._seen &= ids
        if not late:
            return []
        return await self._rows(
            connection, SQL("{0} AND {1}::text = ANY({2})").format(window, id_, Literal(late)), ROWS_AT_ONCE
        )

    def _place(self, position: str) -> Composed:
        return Literal(position) + SQL("::" + self._type)

    async def _rows(
        self, connection: psycopg.AsyncConnection[Any], where: Composed, limit: int
    ) -> list[dict[str, Any]]:
        named = [(f"{name}_", column) for name, column in self._columns()]
        selected = SQL(", ").join(
            SQL("{0}::text AS {1}").format(Identifier(column), Identifier(name)) for name, column in named
        )
        query = SQL("SELECT {0} FROM {1} WHERE {2} ORDER BY {3}, {4}::text LIMIT {5}").format(
            selected,
            self._table,
            where,
            Identifier(self._source.columns.position),
            Identifier(self._source.columns.id),
            Literal(limit),
        )
        rows = await (await connection.execute(query)).fetchall()
        return [dict(zip((name for name, _ in named), row, strict=True)) for row in rows]

    @property
    def _table(self) -> Identifier:
        return Identifier(*self._source.table.split("."))

    def _columns(self) -> Iterable[tuple[str, str]]:
        for name in Columns.model_fields:
            if column := getattr(self._source.columns, name):
                yield name, column

    def _event(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as the doors take events; what it lacks is left out."""
        source = self._source

        def of(name: str) -> str:
            return row.get(f"{name}_") or ""

        event: dict[str, Any] = {
            "id": of("id"),
            "type": of("type"),
            "time": of("time") or None,
            "entity": _party(of("entity_type") or source.entity, of("entity_id")),
            "actor": _party(of("actor_type"), of("actor_id")),
            "sequence": int(of("sequence")) if of("sequence").isdigit() else None,
            "from": of("state_from"),
            "to": of("state_to"),
            "correlation_id": of("correlation_id"),
            "trace_id": of("trace_id"),
            "span_id": of("span_id"),
            "service": of("service") or source.service or source.name,
            "environment": of("environment") or source.environment,
        }
        return event | {name: _object(of(name)) for name in ("before", "after", "metadata")}

    async def _opened(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        self._newest, self._seen, self._looked_again = (self.safe, ""), set(), -1e9
        self._marks.clear()
        self._connection = await psycopg.AsyncConnection.connect(
            **await self._where(),
            application_name="midwatch",
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            prepare_threshold=None,  # a pooler between us may give each transaction another session
            options=f"-c statement_timeout={STATEMENT_MS} -c timezone=UTC",
        )
        found = await self._connection.execute(
            "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = %s"
            " AND NOT attisdropped",
            (self._table.as_string(self._connection), self._source.columns.position),
        )
        row = await found.fetchone()
        if row is None:
            await self.close()
            raise TableFailed(
                f"{self._source.table}.{self._source.columns.position}: no such column, or it may not be seen;"
                " `midwatch events ddl` makes the table"
            )
        self._type = str(row[0])
        return self._connection

    async def _where(self) -> dict[str, Any]:
        """Host, user and so on, the address judged. Raises TableFailed."""
        try:
            found = dict(conninfo_to_dict(self._files.text(self._source.url_file).strip()))
        except (FileRefused, psycopg.ProgrammingError) as error:
            said = str(error) if isinstance(error, FileRefused) else "expected postgresql://user:password@host/database"
            raise TableFailed(f"url_file: {said}") from None
        host, port = str(found.get("host") or ""), str(found.get("port") or "5432")
        if not host or host.startswith("/") or "," in host or not port.isdigit():
            raise TableFailed(
                "url_file: expected an address with one host, such as postgresql://reader@db.internal/app"
            )
        try:
            addresses = await self._guard.addresses(host, int(port))
        except (AddressRefused, ResolverBusy, OSError) as error:
            raise TableFailed(f"cannot reach {host}: {error}") from None
        return {**found, "hostaddr": addresses[0], "port": port}


def _party(kind: str, known: str) -> dict[str, str] | None:
    return {"type": kind, "id": known} if known else None


def _object(text: str) -> Any:
    """JSON of a column; a value that is no object is one under `value`."""
    if not text:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = text
    return found if isinstance(found, dict) or found is None else {"value": found}
