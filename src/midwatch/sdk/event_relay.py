"""Brings on what stands in `domain_events`: claimed, posted, marked as sent; or taken out, for teams that keep none.

What is killed between the post and the mark is posted again; a Midwatch takes each event id once.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from time import time
from typing import Any

from midwatch.contract import events as names
from midwatch.contract.event_table import COLUMNS, OBJECTS, POSTGRESQL, SQLITE, TABLE
from midwatch.sdk.export import connections
from midwatch.sdk.guard import Guard
from midwatch.sdk.outbox import OF_COLUMNS
from midwatch.sdk.problems import PROBLEMS, REFUSED
from midwatch.sdk.setup import Running, in_force
from midwatch.sdk.transport import Connection
from midwatch.sdk.wire.logs import LogEncoder, LogRecord, resource_logs
from midwatch.sdk.wire.resource import request, resource

BATCH_MAX = 200
CLAIM_SECONDS = 60.0
"""A relay that has died gives its events back after this; longer than one post may take."""
INTERVAL_SECONDS = 1.0
BACKOFF_SECONDS_MAX = 30.0
_OF_THE_EVENT = frozenset((400, 413, 422))
_INFO = 9
Connect = Callable[[], Any]
"""Opens a connection of the DB-API: `lambda: psycopg.connect(URL)`."""


class EventRelay:
    """Reads one database. `deliver()` for one batch, `start()` for a thread that goes on until `stop()`."""

    def __init__(
        self, connect: Any, *, interval_seconds: float = INTERVAL_SECONDS, table: str = TABLE, keep_sent: bool = True
    ) -> None:
        """`connect`: an Engine of SQLAlchemy, or what opens a connection of psycopg, psycopg2 or sqlite3."""
        self._connect: Connect = connect.raw_connection if hasattr(connect, "raw_connection") else connect
        self._interval_seconds = interval_seconds
        self._table, self._keep_sent = table, keep_sent
        self._guard = Guard("outbox", PROBLEMS)
        self._opened: tuple[Running, Connection] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> "EventRelay":
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="midwatch-events", daemon=True)
            self._thread.start()
        return self

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """What is not sent stays for the next."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)
            self._thread = None

    def deliver(self) -> int:
        """Send one batch; how many were taken. Raises what the database says, and nothing else."""
        post = self._connection()
        if post is None:
            return 0
        database = _Database(self._connect(), self._table, keep_sent=self._keep_sent)
        try:
            rows = database.claim()
            taken: list[int] = []
            try:
                self._post(database, post, rows, taken)
            finally:
                database.settle([row["position"] for row in rows], taken)
            return len(taken)
        finally:
            database.close()

    def _run(self) -> None:
        seconds = self._interval_seconds
        while not self._stopping.wait(seconds):
            taken, failed = 0, True
            with self._guard:
                taken, failed = self.deliver(), False
            seconds = (
                min(BACKOFF_SECONDS_MAX, seconds * 2 or self._interval_seconds) if failed else self._interval_seconds
            )
            # A full batch has more behind it.
            seconds = 0.0 if taken == BATCH_MAX else seconds

    def _connection(self) -> Connection | None:
        """To where logs are sent now; None where they are not."""
        running = in_force()
        if running is None or "logs" not in running.options.targets:
            return None
        if self._opened is None or self._opened[0] is not running:
            options = running.options
            opened = connections(
                options.targets, timeout_seconds=options.timeout_seconds, compression=options.compression
            )
            self._opened = running, opened["logs"]
        return self._opened[1]

    def _post(
        self, database: "_Database", post: Connection, rows: Sequence[Mapping[str, Any]], taken: list[int]
    ) -> bool:
        """False when the rest is to wait. What is refused is halved until it is alone, and set aside."""
        if not rows:
            return True
        assert self._opened is not None
        outcome = post.post(_body(self._opened[0].options.resource, rows))
        if outcome.taken:
            taken += [row["position"] for row in rows]
            return True
        if outcome.status not in _OF_THE_EVENT:
            return False
        if len(rows) == 1:
            PROBLEMS.dropped("outbox", REFUSED, 1, f"{outcome.reason}; it stays in the table")
            database.set_aside(rows[0]["position"], outcome.reason)
            return True
        middle = len(rows) // 2
        return self._post(database, post, rows[:middle], taken) and self._post(database, post, rows[middle:], taken)


class _Database:
    """A connection of the DB-API, of psycopg, psycopg2 or sqlite3, also one that a pool of SQLAlchemy lends."""

    def __init__(self, connection: Any, table: str, *, keep_sent: bool) -> None:
        self._connection, self._table, self._keep_sent = connection, table, keep_sent
        own = getattr(connection, "driver_connection", connection)
        sqlite = type(own).__module__.startswith("sqlite3") or "sqlite" in type(own).__module__
        self._dialect = SQLITE if sqlite else POSTGRESQL

    def claim(self) -> list[dict[str, Any]]:
        """Mark a batch as ours in a transaction of its own: none stays open while it is posted."""
        locked = "" if self._dialect == SQLITE else " FOR UPDATE SKIP LOCKED"
        free = f"sent_at IS NULL AND refused IS NULL AND claimed_until < {self._mark()}"
        names_ = ("position", *COLUMNS)
        shown = ", ".join(names_ if self._dialect == SQLITE else (f"CAST({name} AS text)" for name in names_))
        now = time()
        rows = self._run(
            f"UPDATE {self._table} SET claimed_until = {self._mark()} WHERE position IN"
            f" (SELECT position FROM {self._table} WHERE {free} ORDER BY position LIMIT {BATCH_MAX}{locked})"
            f" RETURNING {shown}",
            (now + CLAIM_SECONDS, now),
        )
        found = [dict(zip(names_, row, strict=True)) for row in rows]
        for row in found:
            row["position"] = int(row["position"])
        return sorted(found, key=lambda row: row["position"])

    def settle(self, claimed: Sequence[int], taken: Sequence[int]) -> None:
        """Mark what was taken, or take it out; give back the rest."""
        now = "now()" if self._dialect == POSTGRESQL else "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
        if taken:
            change = f"UPDATE {self._table} SET sent_at = {now}" if self._keep_sent else f"DELETE FROM {self._table}"
            self._run(f"{change} WHERE position IN ({self._marks(taken)})", tuple(taken))
        if rest := sorted({*claimed} - {*taken}):
            self._run(
                f"UPDATE {self._table} SET claimed_until = 0 WHERE position IN ({self._marks(rest)})", tuple(rest)
            )

    def set_aside(self, position: int, reason: str) -> None:
        mark = self._mark()
        self._run(f"UPDATE {self._table} SET refused = {mark} WHERE position = {mark}", (reason[:300], position))

    def close(self) -> None:
        self._connection.close()

    def _run(self, sql: str, values: Sequence[Any]) -> list[Any]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql, values)
            found = cursor.fetchall() if cursor.description else []
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        finally:
            cursor.close()
        return list(found)

    def _mark(self) -> str:
        return "?" if self._dialect == SQLITE else "%s"

    def _marks(self, values: Sequence[Any]) -> str:
        return ", ".join([self._mark()] * len(values))


def _body(ours: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """As records, of the service and environment that each event is of."""

    def whose(row: Mapping[str, Any]) -> tuple[str, str]:
        return row["service"] or "", row["environment"] or ""

    parts, encode = [], LogEncoder().record
    for (service, environment), of_one in groupby(rows, key=whose):
        told = {"service.name": service, "deployment.environment.name": environment}
        who = resource({**ours, **{name: value for name, value in told.items() if value}})
        parts.append(request(resource_logs(who, [encode(_record(row)) for row in of_one])))
    return b"".join(parts)


def _record(row: Mapping[str, Any]) -> LogRecord:
    attributes = _json(row["metadata"])
    for column, name in OF_COLUMNS.items():
        if row[column] is not None:
            attributes[name] = _json(row[column]) if column in OBJECTS else row[column]
    if row["sequence"] is not None:
        attributes[names.ENTITY_SEQUENCE] = int(row["sequence"])
    if row["correlation_id"]:
        attributes["correlation_id"] = row["correlation_id"]
    moment = datetime.fromisoformat(str(row["occurred_at"]))
    return LogRecord(
        time_unix_nano=round(moment.timestamp() * 1_000_000) * 1000,
        severity_number=_INFO,
        severity_text="info",
        body=row["type"],
        attributes=attributes,
        trace_id=_hex(row["trace_id"]),
        span_id=_hex(row["span_id"]),
        event_name=row["type"],
    )


def _json(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {"value": found}


def _hex(text: str | None) -> int:
    try:
        return int(text or "0", 16)
    except ValueError:
        return 0


def relay(connect: Any, *, interval_seconds: float = INTERVAL_SECONDS, keep_sent: bool = True) -> EventRelay:
    """Send events of `domain_events` from a thread of this process, as they are committed; `stop()` ends it.

    `connect` is an Engine of SQLAlchemy, or what opens a connection of psycopg, psycopg2 or sqlite3. One process may do
    it or each: they share the work. Without `keep_sent`, rows that the server has taken are deleted.
    """
    return EventRelay(connect, interval_seconds=interval_seconds, keep_sent=keep_sent).start()
