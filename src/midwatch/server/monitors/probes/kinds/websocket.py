"""WebSocket: the handshake, and a message or a ping over it."""

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from midwatch.contract.plan.probes.targets import WebSocketTarget
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason
from midwatch.server.monitors.probes.expecting import check_text
from midwatch.server.monitors.probes.reaching import ANSWER_BYTES_MAX, context_of, granted, note_tls
from midwatch.server.outgoing.reach import connected


async def ask(target: WebSocketTarget, attempt: Attempt) -> None:
    host, port = target.endpoint or ("", 0)
    config = target.tls_config
    context = context_of(config, attempt.files) if target.url.startswith("wss:") else None
    headers = {**target.headers, **await granted(target, attempt.files)}
    with attempt.phase("resolve"):
        attempt.addresses = await attempt.guard.addresses(host, port)
    with attempt.phase("connect"):
        sock = await connected(attempt.addresses, port)
    attempt.reached = True
    attempt.facts["address"] = str(sock.getpeername()[0])
    try:
        with attempt.phase("processing"):
            client = await connect(
                target.url,
                sock=sock,
                ssl=context,
                server_hostname=(config.server_name or host) if context else None,
                additional_headers=headers,
                proxy=None,
                open_timeout=None,
                close_timeout=0,
                ping_interval=None,
                max_size=ANSWER_BYTES_MAX,
            )
        try:
            note_tls(attempt, client.transport.get_extra_info("ssl_object"))
            with attempt.phase("transfer"):
                await _talk(target, client)
        finally:
            client.transport.abort()
    except InvalidStatus as error:
        status = error.response.status_code
        raise ProbeFailed(Reason.STATUS, f"the answer is {status}; expected 101, which opens a WebSocket") from None
    except WebSocketException as error:
        raise ProbeFailed(Reason.PROTOCOL, f"no WebSocket: {error}") from None
    finally:
        sock.close()


async def _talk(target: WebSocketTarget, client: ClientConnection) -> None:
    if target.send:
        await client.send(target.send)
    elif target.expect.matches is None:
        await (await client.ping())
    if target.expect.matches is not None:
        heard = await client.recv()
        text = heard if isinstance(heard, str) else heard.decode(errors="replace")
        check_text(text, target.expect.matches, what="the message")
