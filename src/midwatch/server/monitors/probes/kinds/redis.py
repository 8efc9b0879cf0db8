"""Redis: PING, after AUTH where there is a password (RESP 2)."""

import asyncio

from midwatch.contract.plan.probes.targets import RedisTarget
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason
from midwatch.server.monitors.probes.reaching import context_of, streams
from midwatch.server.outgoing.files import FileRefused


async def ask(target: RedisTarget, attempt: Attempt) -> None:
    host, port = target.endpoint or ("", 0)
    context = context_of(target.tls_config, attempt.files) if target.tls else None
    password = password_of(target.password, target.password_file, attempt)
    name = target.tls_config.server_name
    async with streams(attempt, host, port, context=context, server_name=name) as (reader, writer):
        with attempt.phase("processing"):
            if password:
                writer.write(_command("AUTH", *([target.username] if target.username else []), password))
                await _expect(reader, "+OK")
            writer.write(_command("PING"))
            await _expect(reader, "+PONG")


def password_of(password: str, file: str, attempt: Attempt) -> str:
    """Raises ProbeFailed."""
    try:
        return attempt.files.text(file).strip() if file else password
    except FileRefused as error:
        raise ProbeFailed(Reason.CONFIGURATION, f"password_file: {error}") from None


def _command(*words: str) -> bytes:
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()


async def _expect(reader: asyncio.StreamReader, wanted: str) -> None:
    try:
        line = (await reader.readuntil(b"\r\n")).decode(errors="replace").strip()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise ProbeFailed(Reason.PROTOCOL, f"no answer of Redis: {type(error).__name__}") from None
    if line == wanted:
        return
    if line.startswith(("-NOAUTH", "-WRONGPASS", "-ERR AUTH", "-ERR invalid password", "-NOPERM")):
        raise ProbeFailed(Reason.AUTHENTICATION, f"Redis answered {line[1:200]}")
    reason = Reason.ANSWER if line.startswith("-") else Reason.PROTOCOL
    raise ProbeFailed(reason, f"Redis answered {line[:200]!r}; expected {wanted}")
