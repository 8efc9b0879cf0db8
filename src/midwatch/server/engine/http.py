"""ClickHouse's HTTP interface over a Runner, as an ASGI application."""

import asyncio
import base64
import hmac
import os
import secrets
import tempfile
import uuid
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from midwatch.server.engine.runner import Done, EngineError, Runner
from midwatch.server.engine.statement import (
    BadStatement,
    Statement,
    from_url,
    insert_from_file,
    is_insert,
    split_insert,
)
from midwatch.server.model.zstd import ZstdDecompressor

BODY_FILE_HEADER = "x-midwatch-body-file"
"""The data of an INSERT lies in this file already; allowed below the directories named at start."""
IN_MEMORY_HEADER = "x-midwatch-body-in-memory"
"""The data of an INSERT is not to be on any disk before it is in its table."""
USER = "midwatch"
HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names by which this engine may be called: a page that renames its own host to 127.0.0.1 is none of them."""
SQL_BYTES_MAX = 16 << 20
HEAD_BYTES = 256 << 10
"""Once so much has come, the statement before an INSERT's data is complete and the data goes to a file."""
STOP_AGAIN_SECONDS = 0.25
_STATUS = {60: 404, 81: 404, 394: 499, 159: 408, 241: 503, 202: 503, 516: 403}
"""HTTP statuses by exception code where they differ from 400 for callers' mistakes; else 500."""
_CALLERS_MISTAKES = frozenset(
    {6, 26, 27, 36, 38, 41, 42, 43, 46, 47, 53, 62, 70, 72, 115, 117, 164, 165, 207, 215, 386, 452}
)


@dataclass(frozen=True, slots=True)
class Spooled:
    """The data of an INSERT as a file, until its statement has run."""

    path: Path
    handle: int | None = None
    """Of a file in memory, which is gone when this is closed."""


class EngineHttp:
    """Serves one runner. Everybody who knows the password may do everything; only loopback is listened on."""

    def __init__(self, runner: Runner, *, password: str, spool_dir: Path, body_dirs: list[Path]) -> None:
        self._runner = runner
        self._password = password
        self._spool_dir = spool_dir
        self._body_dirs = [path.resolve() for path in body_dirs]
        self._ending: set[asyncio.Task[None]] = set()
        self.app = Starlette(
            routes=[
                Route("/", self._handle, methods=["GET", "POST"]),
                Route("/ping", self._ping, methods=["GET"]),
            ]
        )

    async def _ping(self, _request: Request) -> Response:
        """The engine itself answers, not this process alone: the supervisor tells a hang by it."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._runner.control, self._runner.check)
        except EngineError as error:
            return PlainTextResponse(error.text + "\n", status_code=503)
        return PlainTextResponse("Ok.\n")

    async def _handle(self, request: Request) -> Response:
        if reason := self._refusal(request):
            text = f"Code: 516. DB::Exception: {reason} (AUTHENTICATION_FAILED)\n"
            # The request's body is not read, so nothing more can come over this connection.
            headers = {"x-clickhouse-exception-code": "516", "connection": "close"}
            return PlainTextResponse(text, status_code=403, headers=headers)
        if request.method == "GET" and "query" not in request.query_params:
            return PlainTextResponse("Ok.\n")
        spooled: list[Spooled] = []
        try:
            statement = await self._statement(request, spooled)
            return await self._run(request, statement, spooled)
        except BadStatement as error:
            _remove(spooled)
            return _failure(EngineError(str(error)))
        except EngineError as error:
            _remove(spooled)
            return _failure(error)
        except ClientDisconnect:
            _remove(spooled)
            return PlainTextResponse("", status_code=499)
        except BaseException:
            _remove(spooled)
            raise

    def _refusal(self, request: Request) -> str | None:
        if request.url.hostname not in HOSTS:
            return f"Host={request.headers.get('host', '')}: expected a loopback address"
        return None if self._authenticated(request) else "Authentication failed: password is incorrect."

    def _authenticated(self, request: Request) -> bool:
        sent = request.headers.get("x-clickhouse-key") or request.query_params.get("password") or ""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                sent = base64.b64decode(value).decode().partition(":")[2]
            except ValueError:
                return False
        return hmac.compare_digest(sent.encode(), self._password.encode())

    async def _statement(self, request: Request, spooled: list[Spooled]) -> Statement:
        url = dict(request.query_params)
        content_type = request.headers.get("content-type", "")
        sql = url.get("query", "")
        if content_type.startswith("multipart/form-data"):
            form = await request.form(max_part_size=SQL_BYTES_MAX)
            url |= _form_fields(form)
            sql = url.get("query", sql)
        elif request.method == "POST":
            sql = await self._sql_with_body(request, sql, spooled)
        settings, params = from_url(url)
        return Statement(
            sql=sql,
            settings=settings,
            params=params,
            database=request.headers.get("x-clickhouse-database") or url.get("database", ""),
            query_id=url.get("query_id") or str(uuid.uuid4()),
            default_format=url.get("default_format") or request.headers.get("x-clickhouse-format") or "TabSeparated",
        )

    async def _sql_with_body(self, request: Request, sql: str, spooled: list[Spooled]) -> str:
        """The statement of a POST, its data put into a file where it has some."""
        if named := request.headers.get(BODY_FILE_HEADER):
            found = split_insert(sql.encode() or await request.body())
            if found is None:
                raise BadStatement("Code: 62. DB::Exception: expected INSERT … FORMAT X with the data in a file")
            return insert_from_file(found[0], found[1], self._allowed(named))
        head = sql.encode() + b"\n" if sql else b""
        async with aclosing(_decoded(request)) as chunks:
            collected, found, looked = bytearray(head), None, False
            async for chunk in chunks:
                collected += chunk
                if not looked and len(collected) > HEAD_BYTES:
                    looked = True
                    found = split_insert(bytes(collected)) if is_insert(collected) else None
                if found is not None:
                    break
                if len(collected) > SQL_BYTES_MAX:
                    raise BadStatement(
                        f"Code: 62. DB::Exception: expected a statement of at most {SQL_BYTES_MAX} bytes"
                    )
            if found is None and is_insert(collected):
                found = split_insert(bytes(collected))
            if found is None:
                return collected.decode()
            statement, data_format, offset = found
            spool = self._spool_file(in_memory=IN_MEMORY_HEADER in request.headers)
            spooled.append(spool)
            await _fill(spool, bytes(collected[offset:]), chunks)
        return insert_from_file(statement, data_format, spool.path)

    def _spool_file(self, *, in_memory: bool) -> Spooled:
        if in_memory:
            # Linux's: a file that is on no disk, under a name that the engine, in this process, can open.
            handle = os.memfd_create("body")
            return Spooled(Path(f"/proc/self/fd/{handle}"), handle)
        handle, name = tempfile.mkstemp(dir=self._spool_dir, prefix="body-")
        os.close(handle)
        return Spooled(Path(name))

    def _allowed(self, named: str) -> Path:
        path = Path(named).resolve()
        if not any(path.is_relative_to(allowed) for allowed in self._body_dirs):
            raise BadStatement(
                f"Code: 291. DB::Exception: {BODY_FILE_HEADER}: expected a file below a directory named at start"
            )
        return path

    async def _run(self, request: Request, statement: Statement, spooled: list[Spooled]) -> Response:
        """Wait for the first block, so that errors before it have a status of their own, then stream the rest."""
        self._runner.claim(statement.query_id)
        loop = asyncio.get_running_loop()
        lane = self._runner.lane(statement)
        done = Done()
        blocks = self._runner.run(statement, done)

        def finish() -> None:
            self._runner.release(statement.query_id)
            _remove(spooled)

        gone = asyncio.ensure_future(_disconnected(request))
        work = loop.run_in_executor(lane, next, blocks, None)
        try:
            first = await self._or_gone(work, gone, statement)
        except BaseException:
            gone.cancel()
            self._end(work, statement, blocks, finish)
            raise
        headers = {
            "x-clickhouse-query-id": statement.query_id,
            "x-clickhouse-format": statement.format,
            "x-clickhouse-server-display-name": "midwatch",
            "x-clickhouse-timezone": "UTC",
            "x-clickhouse-exception-tag": (tag := secrets.token_hex(8)),
            "x-clickhouse-summary": done.summary(),
        }
        body = self._body(statement, blocks, first, gone, finish, tag)
        return StreamingResponse(body, headers=headers, media_type="application/octet-stream")

    async def _body(
        self,
        statement: Statement,
        blocks: Iterator[bytes],
        first: bytes | None,
        gone: "asyncio.Future[None]",
        finish: Callable[[], None],
        tag: str,
    ) -> AsyncIterator[bytes]:
        loop, lane = asyncio.get_running_loop(), self._runner.lane(statement)
        block, work = first, None
        try:
            while block is not None:
                if block:
                    yield block
                work = loop.run_in_executor(lane, next, blocks, None)
                block = await self._or_gone(work, gone, statement)
        except EngineError as error:
            text = f"{error.text}\n"
            size = len(text.encode())
            yield f"\r\n__exception__\r\n{tag}\r\n{text}{size} {tag}\r\n__exception__\r\n".encode()
        except ClientDisconnect:
            return
        finally:
            gone.cancel()
            self._end(work, statement, blocks, finish)

    def _end(
        self,
        work: "asyncio.Future[bytes | None] | None",
        statement: Statement,
        blocks: Iterator[bytes],
        finish: Callable[[], None],
    ) -> None:
        """Close what a statement's blocks hold, once nobody is at the next one.

        In a task of its own: where the client has gone, every `await` of the request's own is cancelled again and again
        (anyio's cancel scopes), and the thread that is at the next block has not heard of it.
        """

        async def end() -> None:
            if work is not None and not work.done():
                await self._stop(work, statement)
            await asyncio.get_running_loop().run_in_executor(self._runner.lane(statement), _close, blocks, finish)

        task = asyncio.ensure_future(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _or_gone(
        self, work: "asyncio.Future[bytes | None]", gone: "asyncio.Future[None]", statement: Statement
    ) -> bytes | None:
        """Wait for work, and have the engine stop it when the client has gone."""
        either: list[asyncio.Future[Any]] = [work, gone]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self._stop(work, statement)
            raise
        if not work.done():
            await self._stop(work, statement)
            if work.exception() is None:
                raise ClientDisconnect
        return work.result()

    async def _stop(self, work: "asyncio.Future[bytes | None]", statement: Statement) -> None:
        """Ask again until it has ended: the engine knows a statement only some time after it was handed over."""
        loop = asyncio.get_running_loop()
        while not work.done():
            await loop.run_in_executor(self._runner.control, self._runner.kill, statement.query_id)
            await asyncio.wait([work], timeout=STOP_AGAIN_SECONDS)


def _close(blocks: Iterator[bytes], finish: Callable[[], None]) -> None:
    try:
        blocks.close()  # type: ignore[attr-defined]  # it is a generator
    finally:
        finish()


def _form_fields(form: FormData) -> dict[str, str]:
    fields = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            raise BadStatement(
                f"Code: 48. DB::Exception: external data {name!r} is not supported by the embedded engine"
            )
        fields[name] = value
    return fields


async def _fill(spool: Spooled, first: bytes, rest: AsyncIterator[bytes]) -> None:
    with spool.path.open("wb") as file:
        await asyncio.to_thread(file.write, first)
        async for chunk in rest:
            await asyncio.to_thread(file.write, chunk)


def _remove(spooled: list[Spooled]) -> None:
    while spooled:
        spool = spooled.pop()
        if spool.handle is None:
            spool.path.unlink(missing_ok=True)
        else:
            os.close(spool.handle)


def _failure(error: EngineError) -> Response:
    status = _STATUS.get(error.code, 400 if error.code in _CALLERS_MISTAKES else 500)
    headers = {"x-clickhouse-exception-code": str(error.code)}
    return PlainTextResponse(error.text + "\n", status_code=status, headers=headers)


async def _disconnected(request: Request) -> None:
    """Return when the client has hung up. Called once the body was read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _decoded(request: Request) -> AsyncGenerator[bytes, None]:
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding in ("identity", ""):
        async for chunk in request.stream():
            yield chunk
    elif encoding in ("gzip", "deflate"):
        unpack = zlib.decompressobj(47)
        async for chunk in request.stream():
            yield unpack.decompress(chunk)
        yield unpack.flush()
    elif encoding == "zstd":
        unpack_zstd = ZstdDecompressor()
        async for chunk in request.stream():
            if not unpack_zstd.eof:
                yield unpack_zstd.decompress(chunk)
    elif encoding == "lz4":
        import lz4.frame

        unpack_lz4 = lz4.frame.LZ4FrameDecompressor()
        async for chunk in request.stream():
            if not unpack_lz4.eof:
                yield unpack_lz4.decompress(chunk)
    else:
        raise BadStatement(f"Code: 48. DB::Exception: content-encoding={encoding}: expected gzip, deflate, zstd or lz4")
