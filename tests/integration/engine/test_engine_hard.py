"""The embedded engine under what a hard day brings: crashes, hangs, a dead server, big bodies, clients that leave."""

import asyncio
import contextlib
import gzip
import os
import signal
import subprocess
import sys
import uuid
from datetime import datetime
from pathlib import Path

import clickhouse_connect
import httpx
import pytest
from backports import zstd
from structlog.testing import capture_logs
from tests.eventually import becomes_true, eventually
from tests.integration.engine.asking import answers, client_of, run

from midwatch.server.engine.supervisor import EngineSupervisor

pytestmark = pytest.mark.thorough

FRAME_SCHEMA = """syntax = "proto3";
message Value { oneof value { string text = 1; int64 number = 2; } }
message Frame { uint32 project = 1; string key = 2; Value value = 3; }
"""
FRAME_STRUCTURE = (
    "project UInt32, key String,"
    " value Tuple(value Enum8('none' = 0, 'text' = 1, 'number' = 2), text String, number Int64)"
)


async def test_values_of_many_types_come_back_as_they_went(engine: EngineSupervisor) -> None:
    """The official client writes and reads ids, times to the nanosecond, maps, tuples and the widest numbers."""
    columns = {
        "u": "UUID",
        "t": "DateTime64(9, 'UTC')",
        "l": "LowCardinality(String)",
        "m": "Map(LowCardinality(String), String)",
        "a": "Array(Tuple(k String, v Float64))",
        "n": "Nullable(Int64)",
        "w": "UInt64",
        "b": "Bool",
        "f": "FixedString(3)",
    }
    row = [uuid.uuid4(), datetime(2026, 1, 2, 3, 4, 5, 678901), "api", {"k": "it's"}, [{"k": "x", "v": 1.5}], None]
    row += [2**64 - 1, True, b"abc"]
    async with client_of(engine) as plain:
        structure = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        await run(plain, f"CREATE TABLE v ({structure}) ENGINE = MergeTree ORDER BY u")
    client = await clickhouse_connect.get_async_client(
        host="127.0.0.1", port=engine.port, username=engine.user, password=engine.password
    )
    written = await client.insert("v", [row], column_names=list(columns))
    assert written.written_rows == 1
    found = await client.query(
        "SELECT * FROM v WHERE u = {u:UUID} AND w = {w:UInt64} AND l IN {l:Array(String)} AND m['k'] = {m:String}",
        parameters={"u": row[0], "w": row[6], "l": ["api", "x'\\\n"], "m": "it's"},
    )
    assert list(found.result_rows[0]) == row
    assert found.summary["read_rows"] == "1"
    await client.close()


async def test_a_segment_is_decoded_by_a_schema_in_the_url(engine: EngineSupervisor, tmp_path: Path) -> None:
    """Protobuf through `input()`, the schema with its quotes and lines a URL setting; sent or named, it is the same."""
    frames = b"".join(
        bytes([len(frame)]) + frame for frame in (b"\x08\x07\x12\x01k\x1a\x03\x0a\x01v", b"\x08\x08\x1a\x02\x10\x00")
    )
    sent = {
        "query": "INSERT INTO p SELECT project, key, value.value, value.text, value.number"
        f" FROM input('{FRAME_STRUCTURE.replace(chr(39), chr(92) + chr(39))}') FORMAT Protobuf",
        "format_schema_source": "string",
        "format_schema": FRAME_SCHEMA,
        "format_schema_message_name": "Frame",
        "input_format_protobuf_oneof_presence": "1",
    }
    segment = tmp_path / "wal" / "segment"
    segment.write_bytes(frames)
    async with client_of(engine) as client:
        await run(client, "CREATE TABLE p (a UInt32, k String, which String, s String, n Int64) ENGINE = Memory")
        for content, headers in (
            (frames, {}),
            (gzip.compress(frames), {"content-encoding": "gzip"}),
            (zstd.compress(frames), {"content-encoding": "zstd"}),
            (b"", {"x-midwatch-body-file": str(segment)}),
        ):
            await run(client, "TRUNCATE TABLE p")
            answer = await client.post("/", params=sent, content=content, headers=headers)
            assert answer.status_code == 200, answer.text
            assert await run(client, "SELECT * FROM p ORDER BY a") == "7\tk\ttext\tv\t0\n8\t\tnumber\t\t0"
        broken = await client.post("/", params=sent, content=b"\x05\xff\xff\xff\xff\xff")
        assert broken.status_code >= 400
        assert int(broken.headers["x-clickhouse-exception-code"]) > 0
        assert await run(client, "SELECT count() FROM p") == "2"
    assert list((tmp_path / "store" / "spool").iterdir()) == []
    assert segment.exists()


async def test_a_long_list_of_values_is_not_cut(engine: EngineSupervisor) -> None:
    """An INSERT … VALUES above the size at which data goes to a file arrives whole, text like FORMAT within it too."""
    values = ", ".join(f"({number}, ' FORMAT TSV\n')" for number in range(20_000))
    async with client_of(engine) as client:
        await run(client, "CREATE TABLE l (a UInt32, s String) ENGINE = Memory")
        await run(client, f"INSERT INTO l VALUES {values}")
        assert await run(client, "SELECT count(), max(a), countIf(s = ' FORMAT TSV\n') FROM l") == "20000\t19999\t20000"
        with_settings = {"query": "INSERT INTO l SETTINGS async_insert = 0 FORMAT JSONEachRow"}
        (await client.post("/", params=with_settings, content=b'{"a": 20000, "s": ""}\n')).raise_for_status()
        assert await run(client, "SELECT count() FROM l") == "20001"


async def test_bounds_have_their_codes(engine: EngineSupervisor) -> None:
    """Memory, time and result bounds end a query with ClickHouse's own numbers, and the engine lives on."""
    async with client_of(engine) as client:
        for sql, settings, code in (
            (
                "SELECT length(groupArray(toString(number))) FROM numbers(1000000000)",
                {"max_memory_usage": "50000000"},
                241,
            ),
            ("SELECT count() FROM numbers(1000000000000)", {"max_execution_time": "0.5"}, 159),
            ("SELECT number FROM numbers(100000000) FORMAT JSON", {}, 396),
            ("SELEC 1", {}, 62),
            ("SELECT 1 SETTINGS nonsense = 1", {}, 115),
        ):
            answer = await client.post("/", params=settings, content=sql)
            assert answer.headers["x-clickhouse-exception-code"] == str(code), answer.text
            assert answer.status_code >= 400
        late = await client.post("/", content="SELECT throwIf(number = 3000000) FROM numbers(4000000)")
        assert late.status_code == 200
        assert "__exception__" in late.text[-1000:]
        assert "Code: 395" in late.text[-1000:]
        assert await run(client, "SELECT 1") == "1"
    assert engine.restarts == 0


async def test_only_loopback_names_are_served(engine: EngineSupervisor) -> None:
    """A page that renames its own host to 127.0.0.1 gets nothing, with the password or without."""
    async with client_of(engine) as client:
        refused = await client.get("/", params={"query": "SELECT 1"}, headers={"host": "evil.example"})
    assert refused.status_code == 403


async def test_inserts_pass_when_queries_fill_their_lane(engine: EngineSupervisor) -> None:
    """Page queries cannot starve ingest, and clients that leave the queue leave nothing behind."""
    async with client_of(engine) as client:
        await run(client, "CREATE TABLE s (a UInt8) ENGINE = Memory")
        slow = "SELECT sum(sleepEachRow(0.2)) FROM numbers(500) SETTINGS max_block_size = 1"
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=engine.url, auth=client.auth, timeout=60, limits=limits) as many:
            tasks = [asyncio.create_task(many.post("/", content=slow)) for _ in range(20)]
            full = (  # asked by an INSERT: a SELECT would wait behind the slow ones
                "INSERT INTO s SELECT throwIf(count() < 10)"
                " FROM system.processes WHERE query LIKE 'SELECT sum(sleepEachRow%'"
            )
            await becomes_true(lambda: answers(client, full, ""))
            assert (await client.get("/ping")).text == "Ok.\n"
            assert not any(task.done() for task in tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        count = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sum(sleepEachRow%'"
        await becomes_true(lambda: answers(client, count, "0"))


async def test_acknowledged_inserts_survive_kills(engine: EngineSupervisor) -> None:
    """kill -9 of the child amid inserts, three times: whatever was answered with 200 is there afterwards."""
    acknowledged: set[int] = set()
    stop = asyncio.Event()

    async def insert(client: httpx.AsyncClient, start: int) -> None:
        number = start
        while not stop.is_set():
            sent = {"query": "INSERT INTO k FORMAT TSV"}
            try:
                if (await client.post("/", params=sent, content=f"{number}\n")).status_code == 200:
                    acknowledged.add(number)
            except httpx.TransportError:
                pass
            number += 2

    async with client_of(engine) as client:
        await run(client, "CREATE TABLE k (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1")
        writers = [asyncio.create_task(insert(client, start)) for start in (0, 1)]
        for kill in range(3):
            before = len(acknowledged)
            await becomes_true(lambda: len(acknowledged) >= before + 20)  # noqa: B023 (awaited here)
            assert engine.pid is not None
            os.kill(engine.pid, signal.SIGKILL)
            await becomes_true(lambda: engine.restarts > kill and engine.pid is not None, seconds=5)  # noqa: B023
        stop.set()
        await asyncio.gather(*writers)
        found = await run(client, "SELECT a FROM k")
    assert acknowledged <= {int(line) for line in found.split()}


async def test_a_hanging_engine_is_replaced(tmp_path: Path) -> None:
    """A child that is there and answers nothing is ended and started again."""
    engine = EngineSupervisor(tmp_path / "store", memory_bytes=1 << 30, hang_seconds=1.0)
    await engine.start()
    try:
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGSTOP)
        async with client_of(engine) as client:
            await becomes_true(lambda: engine.restarts)
            await becomes_true(lambda: answers(client, "SELECT 1", "1"))
    finally:
        await engine.stop()


PARENT = """
import asyncio, sys
from pathlib import Path
from midwatch.server.engine.supervisor import EngineSupervisor
async def main():
    engine = EngineSupervisor(Path(sys.argv[1]), memory_bytes=1 << 30)
    await engine.start()
    print(engine.pid, engine.port, engine.password, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_the_engine_ends_with_its_server(tmp_path: Path) -> None:
    """kill -9 of the server amid a long query: the child is gone at once, and a new server opens the path."""
    store = tmp_path / "store"
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(store), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    line = b""
    async with asyncio.timeout(30):
        while len(line.split()) != 3 or not line[:1].isdigit() or b"[" in line:
            line = await parent.stdout.readline()
    child, port, password = line.decode().split()
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", auth=("midwatch", password), timeout=60
    ) as client:
        slow = "SELECT sum(sleepEachRow(0.2)) FROM numbers(500) SETTINGS max_block_size = 1"
        task = asyncio.create_task(client.post("/", content=slow))
        count = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sum(sleep%'"
        await becomes_true(lambda: answers(client, count, "1"))
        parent.kill()
        await parent.wait()
        with pytest.raises(httpx.TransportError):
            await task
    await asyncio.to_thread(eventually, lambda: not _runs(int(child)), seconds=5)
    successor = EngineSupervisor(store, memory_bytes=1 << 30)
    await successor.start()
    await successor.stop()


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_no_list_of_processes_shows_the_password(engine: EngineSupervisor) -> None:
    """The password is in no argument of the child."""
    arguments = Path(f"/proc/{engine.pid}/cmdline").read_bytes()
    assert engine.password.encode() not in arguments


async def test_small_queries_leave_nothing_behind(engine: EngineSupervisor) -> None:
    """A thousand queries and errors later there are as many threads and files as before, give or take a few."""
    async with client_of(engine) as client:

        async def burst(count: int) -> None:
            for number in range(count):
                answer = await client.post("/", content="SELECT 1" if number % 2 else "SELECT nonsense")
                assert answer.status_code in (200, 400)

        def held() -> int:
            return len(list(Path(f"/proc/{engine.pid}/fd").iterdir())) + len(
                list(Path(f"/proc/{engine.pid}/task").iterdir())
            )

        await burst(100)
        before = held()
        await burst(1000)
        assert held() <= before + 10


async def test_a_client_that_leaves_in_the_midst_disturbs_nothing(engine: EngineSupervisor) -> None:
    """Its blocks are closed once the thread that is at the next one has stopped, and not under its hands."""
    slow = "SELECT sleepEachRow(0.02), number FROM numbers(2000) SETTINGS max_block_size = 20"
    with capture_logs() as said:
        for _ in range(8):
            async with client_of(engine) as client:
                with contextlib.suppress(httpx.ReadTimeout):
                    async with client.stream("POST", "/", content=slow, timeout=1.2) as answer:
                        async for _chunk in answer.aiter_raw():
                            break
        async with client_of(engine) as client:

            async def nothing_runs() -> bool:
                answer = await client.post(
                    "/", content="SELECT count() FROM system.processes WHERE query LIKE '%Each%'"
                )
                return answer.text.strip() == "1"

            await becomes_true(nothing_runs)
            for _ in range(50):
                await client.post("/", content="SELECT 1")
    assert not [line for line in said if "generator already executing" in str(line)]
