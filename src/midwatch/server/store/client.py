"""The one way to the store: ClickHouse's HTTP interface, for the embedded engine as for a server.

Queries come in classes. Each class has a number of places, a time, a memory share and a priority, so that a heavy page
never keeps an insert or a rule waiting.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError

from midwatch.server.model.attention import Attention
from midwatch.server.model.errors import StoreError
from midwatch.server.store.address import Compression, Target
from midwatch.server.store.body import Pieces, compressed, plain
from midwatch.server.store.layout import Cluster, Layout, SingleServer
from midwatch.server.store.sockets import watched

log = structlog.get_logger(__name__)

_PERMANENT_CODES = frozenset({6, 10, 27, 36, 38, 41, 42, 43, 44, 46, 47, 53, 60, 62, 70, 72, 115, 386, 636})
"""Exception codes of statements that would fail again: syntax, types, names, data that cannot be read."""
_TOO_MUCH_CODES = {159: "it took longer than {seconds:g} s", 241: "it needed more memory than it may have"}
_CREDENTIALS_CODES = frozenset({192, 193, 194, 516})
"""Exception codes for an unknown user, a wrong or missing password, and either of them."""
_MAY_NOT_CODES = frozenset({164, 497})
"""Exception codes for a user who may read only, or who lacks a grant."""
BODY_FILE_HEADER = "x-midwatch-body-file"
IN_MEMORY_HEADER = "x-midwatch-body-in-memory"
_ADDRESS_CHARACTERS_MAX = 2_000
"""Of parameters in an address; each may be written as nine characters there, and servers take some 64 KiB."""
_EXCEPTION_BYTES_MAX = 32 << 10
"""ClickHouse writes an exception that comes in the midst of an answer into its last 16 KiB."""


class QueryClass(StrEnum):
    """Who asks, most important first."""

    INGEST = "ingest"
    RULES = "rules"
    PAGE = "page"
    SQL = "sql"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a class of queries may use."""

    places: int
    seconds: float
    memory_share: float
    """Of the engine's memory, for one query."""
    priority: int
    """ClickHouse's: lower goes first."""
    threads: int


BOUNDS = {
    QueryClass.INGEST: Bounds(places=4, seconds=300, memory_share=0.8, priority=0, threads=1),
    QueryClass.RULES: Bounds(places=4, seconds=30, memory_share=0.4, priority=1, threads=2),
    QueryClass.PAGE: Bounds(places=6, seconds=30, memory_share=0.4, priority=2, threads=2),
    QueryClass.SQL: Bounds(places=2, seconds=30, memory_share=0.3, priority=3, threads=1),
}
_OF_PEOPLE = frozenset({QueryClass.PAGE, QueryClass.SQL})
STILL_RUNNING = 216
STOP_SECONDS_MAX = 30.0
CONNECT_SECONDS_MAX = 10.0
ANSWER_SECONDS = 10.0
"""How long after its own bound a statement is waited for: a store that hangs does not keep bounds."""
WAIT_SECONDS_MAX = 20.0
"""How long a query waits for a place in its class before the caller is told to come back."""


@dataclass(frozen=True, slots=True)
class Result:
    columns: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]
    elapsed_ms: float
    rows_read: int = 0
    bytes_read: int = 0


class Store:
    """All statements to the store. Safe for many tasks at once; owned by one event loop.

    Cancelling the task that waits for a query stops the query at the store.
    """

    def __init__(self, target: Target, *, memory_bytes: int, attention: Attention | None = None) -> None:
        self._target = target
        self._client: AsyncClient | None = None
        self._session = aiohttp.ClientSession(
            base_url=target.http_url,
            headers={"Authorization": aiohttp.encode_basic_auth(target.user, target.password)},
            connector=aiohttp.TCPConnector(limit=64, ssl=target.tls(), socket_factory=watched),
            timeout=aiohttp.ClientTimeout(
                total=BOUNDS[QueryClass.INGEST].seconds + ANSWER_SECONDS, connect=CONNECT_SECONDS_MAX
            ),
        )
        self._memory_bytes = memory_bytes
        self._attention = attention
        self._places = {name: asyncio.Semaphore(bounds.places) for name, bounds in BOUNDS.items()}

    @classmethod
    async def connect(cls, target: Target, *, memory_bytes: int) -> "Store":
        """An open store.

        Raises:
            StoreError: see `open`.
        """
        store = cls(target, memory_bytes=memory_bytes)
        try:
            await store.open()
        except BaseException:
            await store.close()
            raise
        return store

    async def open(self) -> None:
        """Reach the store and make the database where it is not there; until then queries are refused.

        Raises:
            StoreError: no answer, or not let in.
        """
        target = self._target
        async with _store_errors("reach the store", CONNECT_SECONDS_MAX), asyncio.timeout(CONNECT_SECONDS_MAX):
            await self._make_database()
            client = AsyncClient(
                interface="https" if target.secure else "http",
                host=target.host,
                port=target.port,
                username=target.user,
                password=target.password,
                database=target.database,
                verify=target.verify,
                ca_cert=target.ca,
                compress=target.compression.value if target.compression is not Compression.NONE else False,
                autogenerate_session_id=False,
                query_limit=0,
                connector_limit=64,
                send_receive_timeout=600,
            )
            # The driver has no option for its sockets; a test sees that they are watched.
            client._backend.connector_kwargs["socket_factory"] = watched
            self._client = await client.__aenter__()

    async def _make_database(self) -> None:
        where = f" ON CLUSTER `{self._target.cluster}`" if self._target.cluster else ""
        statement = f"CREATE DATABASE IF NOT EXISTS `{self._target.database}`{where}"
        async with self._session.post("/", data=statement) as made:
            text = await made.text()
        if made.status == 200:
            return
        error = _from_text(text, made.headers.get("x-clickhouse-exception-code"), CONNECT_SECONDS_MAX)
        # Who may not make databases may have been given one; the first query tells.
        if error.exception_code not in _MAY_NOT_CODES:
            raise error

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
        await self._session.close()

    @property
    def layout(self) -> Layout:
        """How tables lie here."""
        return Cluster(self._target.cluster, self.database) if self._target.cluster else SingleServer()

    @property
    def database(self) -> str:
        return self._target.database

    @property
    def server_version(self) -> str:
        """Empty until the store was reached."""
        return str(self._client.server_version) if self._client is not None else ""

    @property
    def _connected(self) -> AsyncClient:
        if self._client is None:
            raise StoreError("cannot ask the store: it has not been reached since Midwatch started")
        return self._client

    async def rows(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        query_class: QueryClass = QueryClass.PAGE,
        settings: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Every row as a dict by column name."""
        result = await self.table(sql, params, query_class=query_class, settings=settings)
        names = [name for name, _ in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]

    async def table(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        query_class: QueryClass = QueryClass.PAGE,
        settings: Mapping[str, Any] | None = None,
    ) -> Result:
        """Every row, with the columns' types."""
        started = time.perf_counter()
        async with self._place(query_class) as bounds, _answered("query the store", bounds.seconds):
            found = await self._connected.query(sql, dict(params or {}), settings=self._settings(bounds, settings))
        summary = found.summary or {}
        return Result(
            columns=list(zip(found.column_names, (kind.name for kind in found.column_types), strict=True)),
            rows=[tuple(row) for row in found.result_rows],
            elapsed_ms=(time.perf_counter() - started) * 1000,
            rows_read=int(summary.get("read_rows", 0)),
            bytes_read=int(summary.get("read_bytes", 0)),
        )

    async def stream(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        query_class: QueryClass = QueryClass.PAGE,
        seconds: float = 3600,
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Blocks of rows, few at a time in memory; leaving the iterator stops the query."""
        async with self._place(query_class) as bounds, _store_errors("read from the store", seconds):
            settings = self._settings(bounds, {"max_execution_time": seconds, "max_block_size": 8192})
            stream = await self._connected.query_row_block_stream(sql, dict(params or {}), settings=settings)
            async with stream:
                names: tuple[str, ...] = stream.source.column_names  # type: ignore[union-attr]
                async for block in stream:
                    yield [dict(zip(names, row, strict=True)) for row in block]

    async def binary(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        query_class: QueryClass = QueryClass.PAGE,
        settings: Mapping[str, Any] | None = None,
        bytes_max: int,
    ) -> bytes:
        """What a SELECT with a FORMAT of its own answers, as it comes: for columns that become arrays.

        Raises:
            StoreError: as for every query; of the code `too_much` when the answer is larger than `bytes_max`.
        """
        async with self._place(query_class) as bounds, _answered("read from the store", bounds.seconds):
            url = {name: str(value) for name, value in self._settings(bounds, settings).items()}
            url |= {"database": self._target.database, "cancel_http_readonly_queries_on_client_close": "1"}
            given = {f"param_{name}": _param(value) for name, value in (params or {}).items()}
            found = bytearray()
            async with self._session.post("/", **_sent(sql, url, given)) as answer:
                async for chunk in answer.content.iter_any():
                    found += chunk
                    if len(found) > bytes_max:
                        raise StoreError(
                            f"cannot answer the query: it reads more than {bytes_max:,} bytes; narrow it",
                            code="too_much",
                        )
            tail = bytes(found[-_EXCEPTION_BYTES_MAX:])
            tag = answer.headers.get("x-clickhouse-exception-tag", "")
            broken = bool(tag) and f"__exception__\r\n{tag}".encode() in tail
            if answer.status != 200 or broken:
                text = tail.decode("utf-8", "replace")
                raise _from_text(text, answer.headers.get("x-clickhouse-exception-code"), bounds.seconds)
        return bytes(found)

    async def execute(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        query_class: QueryClass = QueryClass.INGEST,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """A statement that answers nothing: DDL, KILL …"""
        async with self._place(query_class) as bounds, _answered("run a statement", bounds.seconds):
            await self._connected.command(sql, dict(params or {}), settings=self._settings(bounds, settings))

    async def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows that are in memory: few, and none of a segment."""
        async with self._place(QueryClass.INGEST) as bounds, _answered("insert rows", bounds.seconds):
            database, _, name = table.rpartition(".")
            await self._connected.insert(
                name, rows, column_names=list(columns), database=database, settings=self._settings(bounds, None)
            )

    async def insert_file(
        self,
        sql: str,
        path: Path,
        params: Mapping[str, Any],
        settings: Mapping[str, Any],
        query_id: str,
        pieces: Pieces | None = None,
    ) -> None:
        """An INSERT whose data is a file: read in place by our own engine, streamed to any other.

        `pieces`: as `SealedSegment`'s; streamed to any engine, and by ours kept off the disk.

        Raises:
            StoreError: with the store's exception code; after a broken connection the outcome is unknown.
        """
        bounds = BOUNDS[QueryClass.INGEST]
        # In the body, and not in the address, which would be longer than many a proxy lets through.
        url = {"query_id": query_id, "database": self._target.database}
        url |= {name: str(value) for name, value in self._settings(bounds, settings).items()}
        url |= {f"param_{name}": _param(value) for name, value in params.items()}
        async with self._place(QueryClass.INGEST), _store_errors("insert a segment", bounds.seconds):
            if self._target.takes_body_files and pieces is None:
                request = self._session.post("/", params=url, data=sql.encode(), headers={BODY_FILE_HEADER: str(path)})
                async with request as answer:
                    text = await answer.text()
            else:
                packed = self._target.compression is not Compression.NONE
                headers = {"content-encoding": self._target.compression.value} if packed else {}
                if self._target.takes_body_files:
                    headers[IN_MEMORY_HEADER] = "1"
                content = (compressed if packed else plain)(path, pieces, f"{sql}\n".encode())
                async with self._session.post("/", params=url, data=content, headers=headers) as answer:
                    text = await answer.text()
            if answer.status != 200 or "__exception__" in text:
                raise _from_text(text, answer.headers.get("x-clickhouse-exception-code"), bounds.seconds)

    async def stop_query(self, query_id: str) -> None:
        """Return when no statement of this id runs any more, nor waits to be run."""
        await self.execute("KILL QUERY WHERE query_id = {id:String} SYNC", {"id": query_id})
        # An id is free when a statement can have it: KILL does not see what was received and has not begun.
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while True:
            async with _answered("ask for a statement's end", STOP_SECONDS_MAX):
                url = {"query": "SELECT 1", "query_id": query_id}
                async with self._session.post("/", params=url) as answer:
                    text = await answer.text()
            if answer.status == 200:
                return
            error = _from_text(text, answer.headers.get("x-clickhouse-exception-code"), 10)
            if error.exception_code != STILL_RUNNING or time.monotonic() > deadline:
                raise error
            await asyncio.sleep(0.1)

    async def bytes_of(self, table: str) -> int:
        """Bytes on disk of one of our tables, of one replica each where there are several."""
        sql = f"""SELECT sum(bytes_on_disk) AS bytes FROM {self.layout.parts}
            WHERE database = {{database:String}} AND table = {{table:String}} AND active"""
        found = await self.rows(
            sql, {"database": self.database, "table": self.layout.stored(table)}, query_class=QueryClass.INGEST
        )
        return int(found[0]["bytes"])

    async def check(self) -> str:
        """For readiness: the version that answers."""
        found = await self.rows("SELECT version() AS v", query_class=QueryClass.RULES)
        return f"ClickHouse {found[0]['v']}"

    @asynccontextmanager
    async def _place(self, query_class: QueryClass) -> AsyncIterator[Bounds]:
        places = self._places[query_class]
        if self._attention is not None and query_class in _OF_PEOPLE:
            self._attention.pay()
        try:
            # Not `wait_for`: in Python 3.11 it swallows a cancellation that comes as the place is given.
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                await places.acquire()
        except TimeoutError:
            raise StoreError(
                f"cannot start the query: {BOUNDS[query_class].places} of the class {query_class} run already",
                retry_after_seconds=5,
            ) from None
        try:
            yield BOUNDS[query_class]
        finally:
            places.release()

    def _settings(self, bounds: Bounds, more: Mapping[str, Any] | None) -> dict[str, Any]:
        return {
            "max_execution_time": bounds.seconds,
            "max_memory_usage": int(self._memory_bytes * bounds.memory_share),
            "priority": bounds.priority,
            "max_threads": bounds.threads,
            "query_id": uuid.uuid4().hex,
            **(more or {}),
        }


@asynccontextmanager
async def _store_errors(doing: str, seconds: float) -> AsyncIterator[None]:
    """Turn what drivers raise into our own errors."""
    try:
        yield
    except StoreError:
        raise
    except ClickHouseError as error:
        code = getattr(error, "code", None) or _code_in(str(error))
        if code is None:  # the driver's own words: it was not the store that answered
            raise StoreError(f"cannot {doing}: {error}") from None
        raise _from_text(str(error), code, seconds) from None
    except aiohttp.ClientConnectorCertificateError as error:
        raise StoreError(
            f"cannot {doing}: its certificate is not trusted: {error.certificate_error};"
            " name a file of certificates that sign it with ?ca="
        ) from None
    except TimeoutError:
        raise StoreError(f"cannot {doing}: no answer within {seconds:g} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise StoreError(f"cannot {doing}: {type(error).__name__}: {error}") from None


@asynccontextmanager
async def _answered(doing: str, seconds: float) -> AsyncIterator[None]:
    """The same, and an end to the waiting."""
    async with _store_errors(doing, seconds), asyncio.timeout(seconds + ANSWER_SECONDS):
        yield


def _from_text(text: str, code: str | int | None, seconds: float) -> StoreError:
    number = int(code) if code else _code_in(text)
    if number in _TOO_MUCH_CODES:
        reason = _TOO_MUCH_CODES[number].format(seconds=seconds)
        return StoreError(
            f"cannot answer the query: {reason}; narrow the time range or the search",
            exception_code=number,
            code="too_much",
        )
    message = text.strip().replace("\n", " ")[:1000]
    if number in _CREDENTIALS_CODES:
        return StoreError(f"the store does not take the user and password of --store: {message}", exception_code=number)
    return StoreError(f"the store says: {message}", permanent=number in _PERMANENT_CODES, exception_code=number)


def _code_in(text: str) -> int | None:
    _, found, rest = text.partition("Code: ")
    digits = rest.split(".", 1)[0]
    return int(digits) if found and digits.isdigit() else None


def _sent(sql: str, url: dict[str, str], params: dict[str, str]) -> dict[str, Any]:
    """A statement as the body, its parameters in the address; in a form, where they are longer than an address may be.

    A form is what takes longest to write and to read of a small statement: 1 ms of 8.
    """
    if sum(map(len, params.values())) <= _ADDRESS_CHARACTERS_MAX:
        return {"params": url | params, "data": sql.encode()}
    form = aiohttp.FormData({"query": sql}, default_to_multipart=True)
    for name, value in params.items():
        form.add_field(name, value)
    return {"params": url, "data": form}


def _param(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ",".join(_quoted(item) if isinstance(item, str) else _param(item) for item in value) + "]"
    return str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def _quoted(text: str) -> str:
    """A text within an array."""
    return "'" + _param(text).replace("'", "\\'") + "'"
