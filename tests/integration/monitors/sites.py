"""Real things to be probed: HTTP, HTTPS, WebSocket, gRPC health, DNS, Redis, TCP; each on a port of its own."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import grpc
import trustme
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from tests.eventually import eventually
from websockets.asyncio.server import ServerConnection, serve

CA = trustme.CA()
CA_TEXT = CA.cert_pem.bytes().decode()
OLD = CA.issue_cert("localhost", not_after=datetime.now(UTC) - timedelta(days=2))
SOON = CA.issue_cert("localhost", not_after=datetime.now(UTC) + timedelta(days=5, hours=1))


def context(certificate: trustme.LeafCert = SOON) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(made)
    return made


@asynccontextmanager
async def site(tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """By path: /ok, /json, /fail, /away (to /ok), /elsewhere (to what ?to= says), /loop, /slow, /torn, /headers."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ", 2)[1]
        place, _, query = path.partition("?")
        body, status, more = "fine", "200 OK", ""
        if place == "/json":
            body = '{"status": "ok", "checks": [{"name": "db", "ms": 3}, {"name": "cache", "ms": 40}], "up": true}'
        elif place == "/fail":
            body, status = "broken", "500 Internal Server Error"
        elif place == "/headers":
            body = head
        elif place in ("/away", "/elsewhere", "/loop"):
            to = {"/away": "/ok", "/loop": "/loop"}.get(place) or query.removeprefix("to=")
            status, more = "302 Found", f"location: {to}\r\n"
        elif place == "/slow":
            await reader.read()
            writer.close()
            return
        elif place == "/torn":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            writer.close()
            return
        writer.write(f"HTTP/1.1 {status}\r\n{more}content-length: {len(body)}\r\n\r\n{body}".encode())
        writer.close()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def saying(banner: bytes) -> AsyncIterator[int]:
    """A TCP server that says something, then nothing."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(banner)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def web_socket(tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(f"echo {message!s}")

    async with serve(echo, "127.0.0.1", 0, ssl=tls) as server:
        yield next(iter(server.sockets)).getsockname()[1]


@contextmanager
def grpc_health(tls: bool = False) -> Iterator[int]:
    """`shop` serves, `stock` does not."""
    server = grpc.server(ThreadPoolExecutor(2))
    servicer = health.HealthServicer()
    servicer.set("shop", health_pb2.HealthCheckResponse.SERVING)
    servicer.set("stock", health_pb2.HealthCheckResponse.NOT_SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    if tls:
        pair = (SOON.private_key_pem.bytes(), SOON.cert_chain_pems[0].bytes())
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port
    server.stop(None)


@asynccontextmanager
async def name_server() -> AsyncIterator[int]:
    """Knows example.test alone."""

    class Answers(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            query = dns.message.from_wire(data)
            answer = dns.message.make_response(query)
            question = query.question[0]
            if str(question.name) == "example.test.":
                answer.answer.append(dns.rrset.from_text("example.test.", 60, "IN", "A", "192.0.2.1", "192.0.2.2"))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self.transport.sendto(answer.to_wire(), addr)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Answers, ("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def redis(directory: Path, password: str = "") -> Iterator[int]:
    """Debian's redis-server."""
    program = shutil.which("redis-server")
    assert program, "needs redis-server: apt install redis-server"
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)]
    process = subprocess.Popen(
        [*command, *(["--requirepass", password] if password else [])], stdout=subprocess.DEVNULL
    )
    try:
        eventually(lambda: _listens(port))
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
