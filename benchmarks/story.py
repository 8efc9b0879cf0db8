"""How long a story takes over a day of telemetry: `python -m benchmarks.story [--spans N] [--records N] [--data DIR]`.

The store is filled by the engine itself through the staging tables, so that every view has its rows: traces of ten
spans in four services, four of which are one story, and records with correlation, request and user ids. Stories are
then asked for over HTTP, and beside them what the bloom filters of attributes alone take for the same id.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import httpx
import psutil
from tests.conftest import Server

from benchmarks import cpu
from benchmarks.filling import new_store, said

BLOCK = 500_000
PER_TRACE = 10
HOURS = 24
ASKED = 7
GOAL_MS = 500.0
SERVICES = "['web', 'shop', 'worker', 'delivery']"
OPERATIONS = (
    "['POST /orders', 'SELECT', 'job charge', 'POST /sms', 'GET /stock', 'INSERT', 'render', 'XADD', 'GET', 'step']"
)
"""Of the ten spans of a trace, by their place in it."""


def spans_sql(first: int, rows: int, of: int) -> str:
    """Spans `first` to `first + rows` of `of`, spread over the last day."""
    return f"""INSERT INTO spans_in (Project, Timestamp, ReceivedAt, TraceId, SpanId, ParentSpanId, SpanName, SpanKind,
            ServiceName, Environment, SpanAttributes, Duration, StatusCode, Weight)
        SELECT 1 AS Project, {_time("number", of)} AS Timestamp, now64(3) AS ReceivedAt,
            {_trace("intDiv(number, 10)")} AS TraceId, lower(hex(sipHash64(number))) AS SpanId,
            if(number % 10 = 0, '', lower(hex(sipHash64(intDiv(number, 10) * 10)))) AS ParentSpanId,
            {OPERATIONS}[number % 10 + 1] AS SpanName,
            CAST(if(number % 10 = 0, 'server', if(number % 3 = 0, 'client', 'internal')) AS Enum8('unspecified' = 0,
                'internal' = 1, 'server' = 2, 'client' = 3, 'producer' = 4, 'consumer' = 5)) AS SpanKind,
            {SERVICES}[intDiv(number % 10, 3) + 1] AS ServiceName, 'production' AS Environment,
            CAST(map('correlation_id', {_story("intDiv(number, 10)")}, 'http.request.method', 'POST',
                'http.response.status_code', toString(200 + number % 7), 'db.rows', toString(cityHash64(number) % 9999),
                'thread.name', concat('worker-', toString(number % 16)),
                'server.address', concat('10.0.', toString(number % 255), '.7'))
                AS Map(LowCardinality(String), String)) AS SpanAttributes,
            cityHash64(number) % 90000000 AS Duration, CAST(if(number % 997 = 0, 'error', 'unset')
                AS Enum8('unset' = 0, 'ok' = 1, 'error' = 2)) AS StatusCode, 1. AS Weight
        FROM numbers({first}, {rows})"""


def records_sql(first: int, rows: int, of: int, traces: int) -> str:
    """Records, two to a span."""
    trace = f"intDiv(number * {traces}, {of})"
    return f"""INSERT INTO logs_in (Project, Timestamp, ReceivedAt, TraceId, Level, ServiceName,
            Environment, Body, LogAttributes)
        SELECT 1 AS Project, {_time("number", of)} AS Timestamp, now64(3) AS ReceivedAt,
            {_trace(trace)} AS TraceId, CAST(3 + (number % 50 = 0) AS Enum8('unknown' = 0, 'trace' = 1, 'debug' = 2,
                'info' = 3, 'warn' = 4, 'error' = 5, 'fatal' = 6)) AS Level,
            {SERVICES}[number % 4 + 1] AS ServiceName, 'production' AS Environment,
            concat('order ', toString(number), ' went through step ', toString(number % 20)) AS Body,
            CAST(map('correlation_id', {_story(trace)}, 'request_id', lower(hex(sipHash64({trace}, 7))),
                'user_id', concat('u-', toString(cityHash64({trace}) % 50000)), 'path', '/orders', 'method', 'POST',
                'status', toString(200 + number % 7), 'duration_ms', toString(number % 977), 'logger', 'shop',
                'order_id', toString({trace}))
                AS Map(LowCardinality(String), String)) AS LogAttributes
        FROM numbers({first}, {rows})"""


def _time(number: str, of: int) -> str:
    span_ns = HOURS * 3600 * 10**9
    return f"now64(9, 'UTC') - toIntervalNanosecond({span_ns} - toInt64({number} * ({span_ns} / {of})))"


def _trace(number: str) -> str:
    return f"lower(hex(sipHash128('trace', {number})))"


def _story(trace: str) -> str:
    """Four traces in a row are one story: a request, its job, its message and the message's call-back."""
    return f"concat('story-', toString(intDiv({trace}, 4)))"


async def fill(directory: Path, spans: int, records: int) -> None:
    async with new_store(directory) as store:
        for first in range(0, spans, BLOCK):
            await store.execute(spans_sql(first, min(BLOCK, spans - first), spans))
        for first in range(0, records, BLOCK):
            await store.execute(records_sql(first, min(BLOCK, records - first), records, spans // PER_TRACE))
        for table in ("spans", "logs", "id_index", "trace_index"):
            found = await store.rows(
                "SELECT sum(rows) AS n, sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts"
                " WHERE active AND database = currentDatabase() AND table = {table:String}",
                {"table": table},
            )
            print(f"  {table}: {found[0]['n']:,} rows, {found[0]['bytes'] / 1e6:,.0f} MB, {found[0]['parts']} parts")


def ask(server: Server, traces: int) -> None:
    middle = traces // 2
    questions = {
        "a correlation id": {"correlation_id": f"story-{middle // 4}"},
        "a user": {"user_id": "u-77"},
        "the whole of a user": {"user_id": "u-77", "stories": "all"},
        "an entity": {"entity": f"order:{middle}"},
        "an id of any kind": {"id": f"story-{middle // 4}"},
        "an id that nobody knows": {"correlation_id": "nobody"},
    }
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    with server.api() as api:
        for name, question in questions.items():
            took, used = [], cpu.by_process(process)
            for _ in range(ASKED):
                began = time.perf_counter()
                answer = api.get("/api/v1/story", params=question).raise_for_status().json()
                took.append((time.perf_counter() - began) * 1e3)
            used = cpu.by_process(process) - used
            cpu_ms = sum(used.values()) / ASKED * 1e3
            said(f"{name}, {answer['total_lines']} lines, {cpu_ms:.0f} ms of CPU each", took, GOAL_MS)
        _by_filters(api, process, f"story-{middle // 4}")


def _by_filters(api: httpx.Client, process: psutil.Process, story: str) -> None:
    """The same id in records and spans, without the index of ids: what there would be to begin with."""
    for path in ("logs", "traces"):
        asked = {"query": f"correlation_id:{story}", "start": f"now-{HOURS + 1}h", "limit": 100}
        used, began = cpu.by_process(process), time.perf_counter()
        api.get(f"/api/v1/{path}", params=asked).raise_for_status()
        took_ms = (time.perf_counter() - began) * 1e3
        cpu_ms = sum((cpu.by_process(process) - used).values()) * 1e3
        print(f"  beside it, {path} by bloom filters, one day: {took_ms:.0f} ms, {cpu_ms:.0f} ms of CPU")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--spans", type=int, default=10_000_000)
    options.add_argument("--records", type=int, default=20_000_000)
    options.add_argument("--data", type=Path, help="kept, and used as it is where it is there")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        data = chosen.data or Path(made)
        if not (data / "store").exists():
            (data / "store").mkdir(parents=True)
            print(f"{chosen.spans:,} spans, {chosen.records:,} records")
            began = time.perf_counter()
            asyncio.run(fill(data / "store", chosen.spans, chosen.records))
            print(f"  filled in {time.perf_counter() - began:.0f} s")
        server = Server(data).start_as_it_is()
        try:
            ask(server, chosen.spans // PER_TRACE)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
