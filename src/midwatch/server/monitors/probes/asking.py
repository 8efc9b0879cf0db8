"""One attempt of any kind of probe, bounded in time, with what went wrong put into words."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx

from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.model.clock import Clock
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason, Result
from midwatch.server.monitors.probes.expecting import check_shared
from midwatch.server.monitors.probes.kinds import dns, grpc, http, icmp, postgresql, redis, tcp, tls, websocket
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import AddressRefused, Guard, ResolverBusy

_KINDS: dict[str, Callable[[Any, Attempt], Awaitable[None]]] = {
    "http": http.ask,
    "tcp": tcp.ask,
    "tls": tls.ask,
    "dns": dns.ask,
    "icmp": icmp.ask,
    "grpc": grpc.ask,
    "websocket": websocket.ask,
    "redis": redis.ask,
    "postgresql": postgresql.ask,
}
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN})
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN})
_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT})
_NO_SUCH_NAME = frozenset(
    {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), getattr(socket, "EAI_ADDRFAMILY", -9)}
)


class Asker:
    """Asks from here: with our guard, files and clock."""

    def __init__(self, guard: Guard, files: PlanFiles, clock: Clock) -> None:
        self._guard, self._files, self._clock = guard, files, clock

    async def ask(self, probe: Probe) -> Result:
        """Never raises but what is our own bug."""
        attempt = Attempt(self._guard, self._files, self._clock)
        target = probe.target
        try:
            async with asyncio.timeout(probe.timeout):
                await _KINDS[probe.kind](target, attempt)
            check_shared(target.expect, attempt, self._clock.monotonic() - attempt.began)
        except ProbeFailed as failure:
            return attempt.result(failure)
        except TimeoutError as error:
            if error.errno is None:
                said = f"no answer within {probe.timeout:g} s"
                return attempt.result(ProbeFailed(Reason.TIMEOUT, f"{said}: {_stage(attempt)}"))
            return attempt.result(explained(error))
        except (OSError, ssl.SSLError, httpx.HTTPError, httpx.InvalidURL, AddressRefused, ResolverBusy) as error:
            return attempt.result(explained(error))
        return attempt.result()


def _stage(attempt: Attempt) -> str:
    if not attempt.reached:
        return "no connection" if attempt.addresses else "the name was not resolved"
    return "connected, and not answered"


def explained(error: BaseException) -> ProbeFailed:
    """What sockets, TLS and httpx raise, as a reason and words."""
    for cause in _causes(error):
        for kind, explain in _EXPLAINED:
            if isinstance(cause, kind) and (failure := explain(cause)) is not None:
                return failure
    if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
        return ProbeFailed(Reason.PROTOCOL, f"{type(error).__name__}: {error}")
    return ProbeFailed(Reason.CONNECT, f"no connection: {error or type(error).__name__}")


def _unresolved(error: Any) -> ProbeFailed:
    known = error.errno in _NO_SUCH_NAME
    said = "there is no such name" if known else "the name could not be resolved"
    return ProbeFailed(Reason.RESOLVE if known else Reason.RESOLVE_FAILED, f"{said}: {error.strerror}")


def _unconnected(error: Any) -> ProbeFailed | None:
    if error.errno is None:
        return None
    return ProbeFailed(_by_number(error.errno), f"no connection: {error.strerror or error}")


_Explain = Callable[[Any], ProbeFailed | None]
_EXPLAINED: tuple[tuple[type[BaseException], _Explain], ...] = (
    (AddressRefused, lambda error: ProbeFailed(Reason.REFUSED_ADDRESS, str(error))),
    (ResolverBusy, lambda error: ProbeFailed(Reason.NO_RESOURCES, str(error))),
    (
        ssl.SSLCertVerificationError,
        lambda error: ProbeFailed(Reason.CERTIFICATE, f"the certificate is not believed: {error.verify_message}"),
    ),
    (ssl.SSLError, lambda error: ProbeFailed(Reason.TLS, f"no TLS: {error.reason or error}")),
    (socket.gaierror, _unresolved),
    (OSError, _unconnected),
    (ConnectionError, lambda error: ProbeFailed(Reason.CONNECT, f"the connection was lost: {error}")),
)
"""By kind of error, the special ones first."""


def _by_number(number: int) -> Reason:
    if number in _OURS:
        return Reason.NO_RESOURCES
    if number in _NO_ROUTE:
        return Reason.NO_ROUTE
    return Reason.UNREACHABLE if number in _UNREACHABLE else Reason.CONNECT


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came of, innermost last; of groups, all."""
    seen: list[BaseException] = [error]
    while seen and len(seen) < 50:
        one = seen.pop(0)
        yield one
        seen += [inner for inner in (one.__cause__, one.__context__) if inner is not None]
        seen += list(getattr(one, "exceptions", ()))
