"""Runs statements on chDB in bounded lanes of threads, one fresh session each, and stops them by their ids.

A fresh session costs less than a millisecond, and nothing that one request sets is seen by another.
"""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from midwatch.server.engine.statement import Statement, kill_by_comment, preamble, quote

INSERT_THREADS = 4
QUERY_THREADS = 10
CONTROL_THREADS = 4
"""KILL and pings have a lane of their own, so that they get through when everything else is busy."""

STATEMENTS_MAX = 200
"""Running and waiting together; more are refused as ClickHouse refuses them."""

_CODE = re.compile(r"Code: (\d+)\.")


class EngineError(Exception):
    """ClickHouse's own exception text, and its number."""

    def __init__(self, text: str) -> None:
        start = text.find("Code: ")
        self.text = text[start:].strip() if start >= 0 else text.strip()
        found = _CODE.match(self.text)
        self.code = int(found[1]) if found else 1002
        super().__init__(self.text)


@dataclass(slots=True)
class Done:
    """What a statement read and wrote so far."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    elapsed_ns: int = 0

    def add(self, result: Any) -> None:
        self.read_rows += result.storage_rows_read()
        self.read_bytes += result.storage_bytes_read()
        self.written_rows += result.rows_written()
        self.written_bytes += result.bytes_written()
        self.result_rows += result.rows_read()
        self.elapsed_ns = int(result.elapsed() * 1e9)

    def summary(self) -> str:
        """The X-ClickHouse-Summary header: numbers as texts."""
        return json.dumps({name: str(value) for name, value in asdict(self).items()})


class Runner:
    """Owns the engine of this process. Methods that run statements block: call them in `lane(statement)`."""

    def __init__(self, connect: Any) -> None:
        self._connect = connect
        self._keep_open = connect()
        self._inserts = ThreadPoolExecutor(INSERT_THREADS, "insert")
        self._queries = ThreadPoolExecutor(QUERY_THREADS, "query")
        self._control = ThreadPoolExecutor(CONTROL_THREADS, "control")
        self._running: set[str] = set()
        self._unwanted: set[str] = set()
        self._lock = threading.Lock()

    def lane(self, statement: Statement) -> ThreadPoolExecutor:
        if statement.verb == "INSERT":
            return self._inserts
        return self._control if statement.verb == "KILL" else self._queries

    @property
    def control(self) -> ThreadPoolExecutor:
        return self._control

    def claim(self, query_id: str) -> None:
        """Take an id for a statement about to run.

        Raises:
            EngineError: 216, as ClickHouse answers while a statement of that id still runs; 202 above the bound.
        """
        with self._lock:
            if len(self._running) >= STATEMENTS_MAX:
                raise EngineError(
                    "Code: 202. DB::Exception: Too many simultaneous queries."
                    f" Maximum: {STATEMENTS_MAX}. (TOO_MANY_SIMULTANEOUS_QUERIES)"
                )
            if query_id in self._running:
                raise EngineError(
                    f"Code: 216. DB::Exception: Query with id = {query_id} is already running."
                    " (QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING)"
                )
            self._running.add(query_id)

    def release(self, query_id: str) -> None:
        with self._lock:
            self._running.discard(query_id)
            self._unwanted.discard(query_id)

    def run(self, statement: Statement, done: Done) -> Iterator[bytes]:
        """Yield the answer in blocks and count in `done`; closing the iterator stops the statement.

        Raises:
            EngineError: whatever ClickHouse said, before the first block or after some.
        """
        if statement.query_id in self._unwanted:
            raise EngineError("Code: 394. DB::Exception: Query was cancelled before it began. (QUERY_WAS_CANCELLED)")
        connection = self._connect()
        try:
            for step in preamble(statement):
                _checked(connection.query, step, "Null")
            sql = kill_by_comment(statement.sql) if statement.verb == "KILL" else statement.sql
            if not statement.is_streamed:
                result = _checked(connection.query, sql, statement.default_format)
                done.add(result)
                yield result.bytes()
                return
            stream = _checked(connection.send_query, sql, statement.default_format)
            try:
                while (block := _checked(stream.fetch)) is not None:
                    done.add(block)
                    yield block.bytes()
            finally:
                stream.close()
        finally:
            connection.close()

    def kill(self, query_id: str) -> None:
        """Ask the engine to stop a statement; returns at once. One that still waits will not begin."""
        with self._lock:
            if query_id in self._running:
                self._unwanted.add(query_id)
        connection = self._connect()
        try:
            connection.query(f"KILL QUERY WHERE Settings['log_comment'] = {quote(query_id)} ASYNC", "Null")
        finally:
            connection.close()

    def check(self) -> None:
        """Prove that the engine answers.

        Raises:
            EngineError: it answered with an error.
        """
        connection = self._connect()
        try:
            _checked(connection.query, "SELECT 1", "Null")
        finally:
            connection.close()

    def close(self) -> None:
        """Let running statements end, then close the engine."""
        for lane in (self._inserts, self._queries, self._control):
            lane.shutdown(wait=True, cancel_futures=True)
        self._keep_open.close()


def _checked(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except Exception as error:
        raise EngineError(str(error)) from None
