"""httpx over connections that the guard judged: whatever a URL or a redirect names."""

import asyncio
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from midwatch.server.outgoing.reach import AddressRefused, Guard


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to judged addresses alone. `resolve_seconds` and `addresses` tell of the newest connection."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()
        self.resolve_seconds = 0.0
        self.addresses: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """
        Raises:
            AddressRefused, ResolverBusy: as the guard says.
            OSError, httpcore.ConnectError, httpcore.ConnectTimeout: no connection.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(timeout):
                self.addresses = await self._guard.addresses(host, port)
                self.resolve_seconds = time.monotonic() - began
                failure: Exception | None = None
                for address in self.addresses:
                    try:
                        return await self._inner.connect_tcp(address, port, None, local_address, socket_options)
                    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                        failure = error
                assert failure is not None
                raise failure
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"no connection to {host} within {timeout:g} s") from None

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own interface
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused(f"{path}: a socket of this machine is no place to go to")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """For `httpx.AsyncClient(transport=…, trust_env=False)`: no proxy, which would resolve for us."""

    def __init__(
        self,
        guard: Guard,
        *,
        verify: ssl.SSLContext | None = None,
        connections_max: int = 100,
        keepalive_seconds: float = 5.0,
    ) -> None:
        context = verify or ssl.create_default_context()
        super().__init__(verify=context, trust_env=False)
        self.backend = GuardedBackend(guard)
        # httpx hands no network backend on to httpcore (0.28): this is the pool that it would make itself.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=connections_max,
            keepalive_expiry=keepalive_seconds,
            network_backend=self.backend,
        )
