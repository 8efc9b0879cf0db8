"""The accept path alone: HTTP, check, frame, group fsync, answer. No store behind it.

    python benchmarks/pieces/accept.py [BODIES] [CONNECTIONS]

Prints items per CPU-second of the accepting process (its threads and the kernel's part of its calls included), the
time of answers, and what a loop that only decodes the same bodies would do in the same sitting.
"""

import asyncio
import multiprocessing
import os
import random
import resource
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SPANS = 512
DISTINCT = 64


def span_bodies() -> list[bytes]:
    """Bodies of 512 spans, 10 attributes and about 426 bytes each, with values that repeat as real ones do."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    random.seed(4)
    found = []
    for _ in range(DISTINCT):
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add()
        group.resource.attributes.add(key="service.name").value.string_value = "checkout"
        scope = group.scope_spans.add()
        for _ in range(SPANS):
            start = time.time_ns()
            span = scope.spans.add(
                trace_id=os.urandom(16), span_id=os.urandom(8), parent_span_id=os.urandom(8), name="GET /orders/{id}"
            )
            span.kind, span.start_time_unix_nano, span.end_time_unix_nano = 2, start, start + random.randrange(10**9)
            for key in ("http.request.method", "http.route", "url.path", "server.address", "user_agent.original"):
                span.attributes.add(key=key).value.string_value = f"{key}-{random.randrange(1000)}"
            for key in ("client.address", "user.id", "session.id"):
                span.attributes.add(key=key).value.string_value = f"{random.getrandbits(64):x}"
            span.attributes.add(key="http.response.status_code").value.int_value = random.choice((200, 404, 500))
            span.attributes.add(key="db.rows").value.int_value = random.randrange(10_000)
        found.append(request.SerializeToString())
    return found


def serve(listening: socket.socket, directory: str, report: Any) -> None:
    import uvicorn
    import uvloop
    from starlette.applications import Starlette

    from midwatch.server.ingest.admission import Admission
    from midwatch.server.ingest.doors import otlp_doors
    from midwatch.server.ingest.ingest import Ingest
    from midwatch.server.model.actor import IngestGrant
    from midwatch.server.model.clock import WallClock
    from midwatch.server.model.signal import SegmentKind
    from midwatch.server.wal.dead_letters import DeadLetters
    from midwatch.server.wal.log import WriteAheadLog

    class Ring:
        grant = IngestGrant("k1", "bench", 1, None, (), 10**9)

        def find(self, key: str) -> IngestGrant | None:
            return self.grant

    async def main() -> None:
        clock = WallClock()
        log = WriteAheadLog(Path(directory) / "wal", DeadLetters(Path(directory) / "letters", clock), clock)
        await log.open()
        app = Starlette(routes=otlp_doors(Ingest(Admission(Ring(), clock), log, clock)))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))

        async def drain() -> None:
            while True:
                await log.done(await log.next_sealed(SegmentKind.OTLP_TRACES))

        draining = asyncio.create_task(drain())
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await asyncio.to_thread(report.recv)
        before = resource.getrusage(resource.RUSAGE_SELF)
        report.send("ready")
        await asyncio.to_thread(report.poll, None)
        after = resource.getrusage(resource.RUSAGE_SELF)
        seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        commits = next(one.value for one in log.measures() if one.name == "midwatch_wal_commits_total")
        report.send((seconds, after.ru_maxrss, commits))
        server.should_exit = True
        await serving
        draining.cancel()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


async def send(port: int, bodies: list[bytes], count: int, connections: int) -> list[float]:
    """Raw sockets, as the sender shares the machine."""
    numbers, times = iter(range(count)), []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            # A body is never the same twice, so that none is taken for a retry.
            body = bodies[number % len(bodies)] + b"\xf8\x7f" + (number % 128).to_bytes(1, "little")
            body += b"\xf8\x7f" + (number // 128 % 128).to_bytes(1, "little")
            began = time.perf_counter()
            writer.write(
                b"POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n"
                b"content-type: application/x-protobuf\r\ncontent-length: %d\r\n\r\n" % len(body)
            )
            writer.write(body)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            times.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return times


def decode_only(bodies: list[bytes]) -> float:
    """Spans per CPU-second of protobuf's C parser alone."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    began = time.process_time()
    for _ in range(5):
        for body in bodies:
            ExportTraceServiceRequest.FromString(body)
    return 5 * len(bodies) * SPANS / (time.process_time() - began)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    bodies = span_bodies()
    with socket.socket() as listening, tempfile.TemporaryDirectory() as directory:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("fork").Process(target=serve, args=(listening, directory, theirs))
        process.start()
        port = listening.getsockname()[1]
        asyncio.run(send(port, bodies, 50, connections))
        ours.send("begin")
        ours.recv()
        began = time.perf_counter()
        times = sorted(asyncio.run(send(port, bodies[::-1], count, connections)))
        elapsed = time.perf_counter() - began
        ours.send("end")
        seconds, rss, commits = ours.recv()
        process.join()
    spans = count * SPANS
    print(f"{len(bodies[0]) / SPANS:.0f} bytes a span, {spans:,} spans, {connections} connections, {elapsed:.1f} s")
    print(f"{spans / seconds:,.0f} spans per CPU-second of the accepting process ({spans / elapsed:,.0f} per second)")
    print(f"answers: p50 {times[len(times) // 2] * 1e3:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.1f} ms")
    print(f"{count / commits:.1f} bodies a group commit, peak RSS {rss / 1024:.0f} MB")
    print(f"the C parser alone: {decode_only(bodies):,.0f} spans per CPU-second")


if __name__ == "__main__":
    main()
