"""The embedded engine, asked by the clients that people use."""

import asyncio
import os
import signal
from pathlib import Path

import clickhouse_connect
import httpx
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from tests.eventually import becomes_true
from tests.integration.engine.asking import answers

from midwatch.server.engine.supervisor import EngineSupervisor, EngineTaken


def connect(engine: EngineSupervisor, **options: object) -> clickhouse_connect.driver.Client:
    return clickhouse_connect.get_client(
        host="127.0.0.1", port=engine.port, username=engine.user, password=engine.password, **options
    )


async def test_clickhouse_connect_reads_and_writes(engine: EngineSupervisor) -> None:
    """The official client inserts, binds parameters and reads every type back as from a server."""

    def work() -> None:
        client = connect(engine)
        client.command(
            "CREATE TABLE t (a Int64, m Map(String, String), x Array(Float64), s String) ENGINE = MergeTree ORDER BY a"
        )
        client.insert("t", [[1, {"k": "v"}, [1.5], "it's"], [2, {}, [], "⚓"]], column_names=["a", "m", "x", "s"])
        found = client.query(
            "SELECT * FROM t WHERE s = {s:String} OR a IN {n:Array(Int64)} ORDER BY a", {"s": "it's", "n": [2]}
        )
        assert found.result_rows == [(1, {"k": "v"}, [1.5], "it's"), (2, {}, [], "⚓")]
        assert client.query("SELECT a FROM t WHERE a > 100").result_rows == []
        client.close()

    await asyncio.to_thread(work)


async def test_the_async_client_works_and_errors_have_their_codes(engine: EngineSupervisor) -> None:
    """The asynchronous client gets ClickHouse's exception text and number."""
    client = await clickhouse_connect.get_async_client(
        host="127.0.0.1", port=engine.port, username=engine.user, password=engine.password
    )
    assert (await client.query("SELECT sum(number) FROM numbers(10)")).result_rows == [(45,)]
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        await client.query("SELECT * FROM nowhere")
    await client.close()


async def test_a_large_result_is_streamed(engine: EngineSupervisor) -> None:
    """Half a gigabyte of rows passes through without being held."""

    def work() -> int:
        client, size = connect(engine), 0
        sql = "SELECT number, repeat('x', 1000) FROM numbers(500000)"
        with client.raw_stream(sql, fmt="TSV", settings={"max_block_size": 8192}) as stream:
            for chunk in stream:
                size += len(chunk)
        client.close()
        return size

    assert await asyncio.to_thread(work) > 500_000_000
    with open(f"/proc/{engine.pid}/status") as status:
        peak_kb = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    assert peak_kb < 600_000


async def test_settings_of_one_request_are_not_seen_by_another(engine: EngineSupervisor) -> None:
    """A setting lives as long as its request."""

    def work() -> None:
        client = connect(engine)
        ask = "SELECT value FROM system.settings WHERE name = 'max_rows_to_read'"
        assert client.query(ask, settings={"max_rows_to_read": 77777}).result_rows == [("77777",)]
        assert client.query(ask).result_rows == [("0",)]
        client.close()

    await asyncio.to_thread(work)


async def test_a_wrong_password_is_refused(engine: EngineSupervisor) -> None:
    """Without the secret nothing is answered."""
    async with httpx.AsyncClient(base_url=engine.url) as client:
        answer = await client.get("/", params={"query": "SELECT 1"}, auth=("midwatch", "wrong"))
    assert answer.status_code == 403
    assert answer.headers["x-clickhouse-exception-code"] == "516"


async def test_data_files_outside_of_the_named_directories_are_refused(
    engine: EngineSupervisor, tmp_path: Path
) -> None:
    """The body-file header cannot be used to read the machine."""
    outside = tmp_path / "outside"
    outside.write_text("1\n")
    async with httpx.AsyncClient(base_url=engine.url, auth=(engine.user, engine.password)) as client:
        (await client.post("/", content="CREATE TABLE f (a Int64) ENGINE = Memory")).raise_for_status()
        sent = {"query": "INSERT INTO f SELECT a FROM input('a Int64') FORMAT TSV"}
        refused = await client.post("/", params=sent, headers={"x-midwatch-body-file": str(outside)})
        inside = tmp_path / "wal" / "inside"
        inside.write_text("41\n")
        taken = await client.post("/", params=sent, headers={"x-midwatch-body-file": str(inside)})
        assert taken.status_code == 200, taken.text
        (await client.post("/", params=sent, content=b"1\n")).raise_for_status()
        total = await client.post("/", content="SELECT sum(a) FROM f")
    assert refused.status_code >= 400
    assert total.text.strip() == "42"


async def test_a_client_that_goes_stops_its_query(engine: EngineSupervisor) -> None:
    """Nothing runs on for nobody."""
    async with httpx.AsyncClient(base_url=engine.url, auth=(engine.user, engine.password), timeout=20) as client:
        slow = "SELECT sum(sleepEachRow(0.2)) FROM numbers(500) SETTINGS max_block_size = 1"
        task = asyncio.create_task(client.post("/", content=slow))
        count = (
            "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow(0.2)%' AND query NOT LIKE '%proc%'"
        )
        await becomes_true(lambda: answers(client, count, "1"))
        task.cancel()
        await becomes_true(lambda: answers(client, count, "0"), seconds=10)


async def test_a_running_query_id_is_refused_and_can_be_killed(engine: EngineSupervisor) -> None:
    """Ids behave as in ClickHouse: one at a time, and KILL finds them."""
    async with httpx.AsyncClient(base_url=engine.url, auth=(engine.user, engine.password), timeout=30) as client:
        slow = "SELECT sum(sleepEachRow(0.2)) FROM numbers(500) SETTINGS max_block_size = 1"
        task = asyncio.create_task(client.post("/", params={"query_id": "one"}, content=slow))
        running = "SELECT count() FROM system.processes WHERE Settings['log_comment'] = 'one'"
        await becomes_true(lambda: answers(client, running, "1"))
        again = await client.post("/", params={"query_id": "one"}, content="SELECT 1")
        assert again.headers["x-clickhouse-exception-code"] == "216"
        (await client.post("/", content="KILL QUERY WHERE query_id = 'one' SYNC")).raise_for_status()
        assert (await task).headers["x-clickhouse-exception-code"] == "394"


async def test_a_killed_engine_is_back_with_everything_acknowledged(engine: EngineSupervisor) -> None:
    """kill -9 of the child: same address, same data, in under five seconds."""
    async with httpx.AsyncClient(base_url=engine.url, auth=(engine.user, engine.password), timeout=30) as client:
        (await client.post("/", content="CREATE TABLE k (a Int64) ENGINE = MergeTree ORDER BY a")).raise_for_status()
        (await client.post("/", content="INSERT INTO k SELECT number FROM numbers(1000)")).raise_for_status()
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await becomes_true(lambda: answers(client, "SELECT count() FROM k", "1000"), seconds=5)
    assert engine.restarts == 1


async def test_a_second_process_on_the_path_is_refused(
    engine: EngineSupervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two engines on one directory would destroy it: the second says so and ends."""
    second = EngineSupervisor(tmp_path / "store", memory_bytes=1 << 30)
    with pytest.raises(EngineTaken, match="another process uses it"):
        await second.start()
