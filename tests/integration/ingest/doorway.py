"""The doors over HTTP and gRPC on free ports, with a real write-ahead log and nobody who stores."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn

from midwatch.server.http.api import build_doors
from midwatch.server.ingest.admission import Admission
from midwatch.server.ingest.doors import ndjson_doors, otlp_doors, otlp_elsewhere
from midwatch.server.ingest.grpc import serve_grpc
from midwatch.server.ingest.ingest import Ingest
from midwatch.server.ingest.prometheus_doors import prometheus_doors
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import WallClock
from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.log import WriteAheadLog


@dataclass
class Ring:
    """A key ring in memory."""

    grants: dict[str, IngestGrant] = field(
        default_factory=lambda: {
            "good": IngestGrant("k1", "good", 1, None, (), None),
            "other": IngestGrant("k2", "other", 1, "prod", (), None),
            "slow": IngestGrant("k3", "slow", 1, None, (), 10),
            "browser": IngestGrant("k4", "browser", 1, None, ("https://shop.example",), None),
        }
    )

    def find(self, key: str) -> IngestGrant | None:
        return self.grants.get(key)


@dataclass
class Doorway:
    ingest: Ingest
    log: WriteAheadLog
    http: httpx.AsyncClient
    grpc_port: int

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

    def refused(self, reason: str) -> int:
        return sum(refusal.count for (_, _, why), refusal in self.ingest.refused.items() if why == reason)

    def measure(self, name: str) -> float:
        return sum(measure.value for measure in self.ingest.measures() if measure.name == name)

    async def segment(self, kind: SegmentKind) -> SealedSegment:
        return await asyncio.wait_for(self.log.next_sealed(kind), 10)


@contextlib.asynccontextmanager
async def doorway(directory: Path, *, visible_seconds_max: float = 30, **options: int) -> AsyncIterator[Doorway]:
    clock = WallClock()
    log = WriteAheadLog(
        directory / "wal", DeadLetters(directory / "letters", clock), clock, linger_seconds=0, **options
    )
    await log.open()
    ingest = Ingest(Admission(Ring(), clock), log, clock, visible_seconds_max=visible_seconds_max)
    with socket.socket() as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        app = build_doors([*otlp_doors(ingest), *ndjson_doors(ingest), *prometheus_doors(ingest)], otlp_elsewhere)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        grpc_server, grpc_port = await serve_grpc(ingest, "127.0.0.1", 0)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers={"authorization": "Bearer good"}, timeout=60
        ) as http:
            yield Doorway(ingest, log, http, grpc_port)
        await grpc_server.stop(None)
        server.should_exit = True
        await serving
    ingest.close()
    await log.close()
