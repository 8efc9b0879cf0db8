"""`make bench`: a whole server under load, beside a Python loop that only decodes the same bodies; ratios of one run.

Items per CPU-second count all CPU of the server and of its engine, through settling. Machines are shared: compare
ratios.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx
import psutil
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests import bodies
from tests.conftest import KEY, TOKEN, Server

ITEMS_A_BODY = 512
CONNECTIONS = 4
DISTINCT = 60


def realistic_attributes(chance: random.Random) -> dict[str, object]:
    route = chance.randrange(30)
    return {
        "http.request.method": "GET",
        "http.route": f"/api/v{route}/items",
        "http.response.status_code": chance.choice([200] * 20 + [404, 500]),
        "url.path": f"/api/v{route}/items/{chance.randrange(1_000_000)}",
        "server.address": f"api-{chance.randrange(5)}.internal",
        "server.port": 8080,
        "user.id": f"user-{chance.randrange(50_000)}",
        "network.peer.address": f"10.0.{chance.randrange(255)}.{chance.randrange(255)}",
        "user_agent.original": f"Mozilla/5.0 (X11; Linux x86_64) {chance.randrange(40)}",
        "cache.hit": chance.random() < 0.5,
    }


def trace_body(chance: random.Random) -> ExportTraceServiceRequest:
    spans, trace_id = [], b""
    for index in range(ITEMS_A_BODY):
        if index % 8 == 0:
            trace_id = chance.randbytes(16)
        attributes = realistic_attributes(chance)
        name = f"GET {attributes['http.route']}"
        spans.append(bodies.span(name=name, trace_id=trace_id, span_id=chance.randbytes(8), attributes=attributes))
    return bodies.traces(f"service-{chance.randrange(8)}", spans, **{"deployment.environment.name": "production"})


def log_body(chance: random.Random) -> ExportLogsServiceRequest:
    records = []
    for _ in range(ITEMS_A_BODY):
        attributes = dict(list(realistic_attributes(chance).items())[:6])
        text = f"request {chance.getrandbits(40):x} for item {chance.randrange(10**6)} answered after retry"
        records.append({"body": text, "severity_number": 9, "trace_id": chance.randbytes(16), "attributes": attributes})
    return bodies.logs(f"service-{chance.randrange(8)}", records)


def decode_loop(messages: list[bytes], kind: type, resources: str, scopes: str, items: str) -> float:
    """Items per CPU-second of a Python loop that makes tuples and dicts of what protobuf's C parser gives."""
    started, rows = time.process_time(), []
    for raw in messages:
        for resource in getattr(kind.FromString(raw), resources):
            for scope in getattr(resource, scopes):
                for item in getattr(scope, items):
                    attributes = {}
                    for pair in item.attributes:
                        attributes[pair.key] = getattr(pair.value, pair.value.WhichOneof("value"))
                    rows.append((item.trace_id, item.span_id, attributes))
    return len(rows) / (time.process_time() - started)


def cpu_seconds(process: psutil.Process) -> float:
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        total += times.user + times.system
    return total


async def load(url: str, path: str, messages: list[bytes], seconds: float) -> tuple[int, list[float]]:
    """Send for some seconds over a few connections; bodies are made unlike each other by a trailing field."""
    sent, latencies = 0, []
    deadline = time.monotonic() + seconds
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/x-protobuf"}

    async def sender(client: httpx.AsyncClient, first: int) -> None:
        nonlocal sent
        index = first
        while time.monotonic() < deadline:
            # An empty resource with its own schema URL: the body is no retry of an earlier one.
            marker = os.urandom(8).hex().encode()
            body = messages[index % len(messages)] + b"\x0a\x12\x1a\x10" + marker
            started = time.perf_counter()
            answer = await client.post(path, content=body)
            latencies.append(time.perf_counter() - started)
            answer.raise_for_status()
            sent += ITEMS_A_BODY
            index += CONNECTIONS

    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        await asyncio.gather(*(sender(client, first) for first in range(CONNECTIONS)))
    return sent, latencies


def settle(api: httpx.Client) -> None:
    while api.get("/api/v1/system/status").json()["wal"]["segments_waiting"]:
        time.sleep(0.2)


def measure(server: Server, signal: str, messages: list[bytes], yardstick: float, seconds: float) -> None:
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    before = cpu_seconds(process)
    sent, latencies = asyncio.run(load(server.url, f"/v1/{signal}", messages, seconds))
    with server.api() as api:
        settle(api)
        used = cpu_seconds(process) - before
        status = next(one for one in api.get("/api/v1/system/status").json()["signals"] if one["signal"] == signal)
    rss = sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 1e6
    latencies.sort()
    print(
        f"{signal}: {sent:,} sent, {status['rows']:,} rows, {status['bytes_on_disk'] / status['rows']:.1f} bytes a row"
    )
    print(f"  {sent / used:,.0f} per CPU-second, {sent / used / yardstick:.2f} of the decode loop ({yardstick:,.0f})")
    p50, p99 = statistics.median(latencies) * 1e3, latencies[int(len(latencies) * 0.99)] * 1e3
    visible = f"{status['freshness_p50_seconds']:.2f} s, p99 {status['freshness_p99_seconds']:.2f} s"
    print(f"  answers p50 {p50:.1f} ms, p99 {p99:.1f} ms; visible p50 {visible}; RSS {rss:.0f} MB")


def queries(server: Server) -> None:
    asked = {
        "service table": "/api/v1/services",
        "traces by attribute": "/api/v1/traces?query=user.id:user-77&limit=20",
        "needle in bodies": "/api/v1/logs?query=%22deadbeef%22&limit=20",
        "newest lines": "/api/v1/logs?limit=100",
    }
    with server.api() as api:
        trace = api.get("/api/v1/traces?limit=1").json()["traces"][0]["trace_id"]
        asked["trace by id"] = f"/api/v1/traces/{trace}"
        for name, path in asked.items():
            times = []
            for _ in range(5):
                started = time.perf_counter()
                api.get(path).raise_for_status()
                times.append(time.perf_counter() - started)
            print(f"  {name}: {statistics.median(times) * 1e3:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="load per signal")
    options = parser.parse_args()
    chance = random.Random(1)
    spans = [trace_body(chance).SerializeToString() for _ in range(DISTINCT)]
    logs = [log_body(chance).SerializeToString() for _ in range(DISTINCT)]
    span_loop = decode_loop(spans, ExportTraceServiceRequest, "resource_spans", "scope_spans", "spans")
    log_loop = decode_loop(logs, ExportLogsServiceRequest, "resource_logs", "scope_logs", "log_records")
    with tempfile.TemporaryDirectory() as directory:
        server = Server(Path(directory) / "data", {"MIDWATCH_API_TOKEN": TOKEN}).start()
        try:
            assert server.process is not None
            process = psutil.Process(server.process.pid)
            idle = sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 1e6
            print(f"idle RSS {idle:.0f} MB")
            measure(server, "traces", spans, span_loop, options.seconds)
            measure(server, "logs", logs, log_loop, options.seconds)
            queries(server)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
