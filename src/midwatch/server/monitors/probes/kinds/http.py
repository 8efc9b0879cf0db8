"""HTTP and HTTPS: one request, its redirects, and what the last answer is like."""

import asyncio
from typing import Any

import httpx

from midwatch._version import __version__
from midwatch.contract.plan.probes.targets import HttpTarget
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason
from midwatch.server.monitors.probes.expecting import check_body, check_text, status_fits
from midwatch.server.monitors.probes.reaching import context_of, granted, note_tls
from midwatch.server.outgoing.guarded_http import GuardedTransport

REDIRECTS_MAX = 10
BODY_BYTES_MAX = 1 << 20
"""Read, unpacked, and looked at; what follows is left where it is."""


class _Trace:
    """httpcore's events as phases; redirects add up."""

    def __init__(self, attempt: Attempt, transport: GuardedTransport) -> None:
        self._attempt, self._transport = attempt, transport
        self._began: dict[str, float] = {}

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        kind, _, moment = event.rpartition(".")
        name = kind.rpartition(".")[2]
        now = self._attempt.clock.monotonic()
        if moment == "started":
            self._began[name] = now
            return
        if name == "connect_tcp":
            resolving = self._transport.backend.resolve_seconds
            self._attempt.add_phase("resolve", resolving)
            self._attempt.add_phase("connect", max(0.0, now - self._began[name] - resolving))
            self._attempt.addresses = list(self._transport.backend.addresses)
            self._attempt.reached = moment == "complete"
        elif name == "start_tls":
            self._attempt.add_phase("tls", now - self._began[name])
        elif name == "receive_response_headers":
            self._attempt.add_phase("processing", now - self._began.get("send_request_headers", now))


async def ask(target: HttpTarget, attempt: Attempt) -> None:
    transport = GuardedTransport(attempt.guard, verify=context_of(target.tls_config, attempt.files))
    credentials = await granted(target, attempt.files)
    defaults = {"user-agent": f"Midwatch/{__version__}", "accept": "*/*", "accept-encoding": "gzip, deflate"}
    # The attempt as a whole is bounded; httpx's own time would be for each step.
    client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=httpx.Timeout(None), headers=defaults)
    async with client:
        content = target.body.encode() or None
        request = client.build_request(
            target.method, target.url, headers={**target.headers, **credentials}, content=content
        )
        if name := target.tls_config.server_name:
            request.extensions["sni_hostname"] = name
        response = await _answered(client, request, target, attempt, _Trace(attempt, transport))
        try:
            await _look(target, attempt, response)
        finally:
            await response.aclose()


async def _answered(
    client: httpx.AsyncClient, request: httpx.Request, target: HttpTarget, attempt: Attempt, trace: _Trace
) -> httpx.Response:
    """The last answer. What the plan shows one site is not shown to another that it sends us to."""
    redirects = 0
    own = request.url
    while True:
        request.extensions["trace"] = trace
        response = await client.send(request, stream=True)
        following = response.next_request if target.follow_redirects else None
        if following is None:
            attempt.values["probe_http_redirects"] = redirects
            return response
        await response.aclose()
        redirects += 1
        if redirects > REDIRECTS_MAX:
            raise ProbeFailed(Reason.PROTOCOL, f"more than {REDIRECTS_MAX} redirects, to {_shown(following.url)}")
        if (following.url.scheme, following.url.host, following.url.port) != (own.scheme, own.host, own.port):
            for name in (*target.headers, "authorization", "cookie"):
                if name.lower() != "host":
                    following.headers.pop(name, None)
            following.extensions.pop("sni_hostname", None)
        request = following


async def _look(target: HttpTarget, attempt: Attempt, response: httpx.Response) -> None:
    expect, stream = target.expect, response.extensions.get("network_stream")
    if stream is not None:
        note_tls(attempt, stream.get_extra_info("ssl_object"))
        if address := stream.get_extra_info("server_addr"):
            attempt.facts["address"] = str(address[0])
    values = attempt.values
    values["probe_http_status_code"] = response.status_code
    values["probe_http_ssl"] = float(response.url.scheme == "https")
    values["probe_http_version"] = 2.0 if response.http_version == "HTTP/2" else float(response.http_version[5:] or 0)
    if str(response.url) != target.url:
        attempt.facts["answered_by"] = _shown(response.url)
    with attempt.phase("transfer"):
        body = await _body(response)
    values["probe_http_uncompressed_body_length"] = len(body)
    if not status_fits(response.status_code, expect.status):
        wanted = ", ".join(str(one) for one in expect.status)
        raise ProbeFailed(Reason.STATUS, f"the answer is {response.status_code}; expected {wanted}")
    for name, wanted in expect.header_matches.items():
        check_text(response.headers.get(name, ""), wanted, what=f"the header {name}", reason=Reason.HEADER)
    if expect.body_contains or expect.body_lacks or expect.body_matches or expect.json_:
        text = body.decode(response.charset_encoding or "utf-8", errors="replace")
        await asyncio.to_thread(check_body, expect, text)


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) >= BODY_BYTES_MAX:
            break
    return bytes(body[:BODY_BYTES_MAX])


def _shown(url: httpx.URL) -> str:
    return str(url.copy_with(query=None, fragment=None, userinfo=b""))[:300]
