"""TCP: a connection, and what is said over it."""

import asyncio

from midwatch.contract.plan.probes.targets import TcpTarget
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason
from midwatch.server.monitors.probes.expecting import check_text, pattern
from midwatch.server.monitors.probes.reaching import ANSWER_BYTES_MAX, streams


async def ask(target: TcpTarget, attempt: Attempt) -> None:
    host, port = target.endpoint or ("", 0)
    async with streams(attempt, host, port) as (reader, writer):
        if target.send:
            writer.write(target.send.encode())
            await writer.drain()
        if target.expect.matches is not None:
            with attempt.phase("transfer"):
                await _until(reader, target.expect.matches)


async def _until(reader: asyncio.StreamReader, wanted: str) -> None:
    heard = b""
    while not pattern(wanted).search(heard.decode(errors="replace")):
        piece = await reader.read(4096)
        heard += piece
        if not piece or len(heard) > ANSWER_BYTES_MAX:
            check_text(heard.decode(errors="replace"), wanted, what="what it said", reason=Reason.ANSWER)
            raise ProbeFailed(Reason.ANSWER, f"expected a match of {wanted} in the first {ANSWER_BYTES_MAX:,} bytes")
