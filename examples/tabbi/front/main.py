"""What stands before the edge on the internet: ends TLS with a certificate of its own, and passes on what is in it.

Its authority goes into the plan's secrets, where probes look for it.
"""

import asyncio
import contextlib
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import trustme

PIECE_BYTES = 1 << 16
DAYS = int(os.environ.get("CERTIFICATE_DAYS", "90"))


def certificate(secrets: Path) -> ssl.SSLContext:
    """Good for 127.0.0.1 and tabbi.example."""
    authority = trustme.CA()
    ends = datetime.now(UTC) + timedelta(days=DAYS)
    (secrets / "front-ca.pem").write_bytes(authority.cert_pem.bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "tabbi.example", not_after=ends).configure_cert(context)
    return context


async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    edge = urlsplit(os.environ["EDGE_URL"])
    try:
        there, back = await asyncio.open_connection(edge.hostname, edge.port)
    except OSError:
        writer.transport.abort()
        return
    try:
        await asyncio.gather(_pass(reader, back), _pass(there, writer))
    finally:
        for one in (writer, back):
            one.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        # TLS knows no half that is closed.
        writer.write_eof() if writer.can_write_eof() else writer.close()


async def main() -> None:
    context = certificate(Path(os.environ["PLAN"]) / "secrets")
    server = await asyncio.start_server(passed, "127.0.0.1", int(os.environ["PORT"]), ssl=context)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
