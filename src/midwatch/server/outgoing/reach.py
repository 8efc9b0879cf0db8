"""Whom Midwatch may call up: what a plan or a redirect names must not lead into the network that the server stands in.

A name is resolved once, its addresses are judged, and the connection goes to a judged address: a name that answers
differently the second time (DNS rebinding) is not asked a second time. Redirects are connections like all others.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], list[str]]
"""In a thread. Raises OSError."""

RESOLVERS = 64
"""Names that are asked for at once: the threads wait for the network, and a slow name server must not stop the rest."""
RESOLVER_BUSY_SECONDS = 1.0
"""A name that waited so long for a thread was not asked for in time: nobody's fault but ours."""
ADDRESSES_MAX = 16
PRIVATE_HINT = "allow it with --private-networks"

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


class AddressRefused(Exception):
    """The address is one of the server's own surroundings, and nobody allowed it."""


class ResolverBusy(Exception):
    """Midwatch had no thread to ask with: says nothing about the name."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached besides the public Internet."""

    networks: tuple[Network, ...] = ()
    everything: bool = False

    @classmethod
    def parse(cls, text: str) -> "Reach":
        """`none`, `all`, or networks joined by commas.

        Raises:
            ValueError: what is none of these.
        """
        if text in ("", "none", "all"):
            return cls(everything=text == "all")
        return cls(tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",")))

    def refusal(self, text: str) -> str | None:
        """Why this address may not be reached; None where it may. IPv4 inside of IPv6 is judged as what it is."""
        if self.everything:
            return None
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return f"{text[:60]} is no address"
        meant = _meant(address)
        for one in {address, meant}:
            if any(one.version == network.version and one in network for network in self.networks):
                return None
        if not meant.is_global or meant.is_multicast:
            return f"{text} is a private address: {PRIVATE_HINT}"
        return None


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (RFC 4291, 6052, 3056, 4380), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64 or address in _NAT64_LOCAL:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    found = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
    if found is None and int(address) >> 32 == 0 and int(address) > 1:
        return ipaddress.IPv4Address(int(address))  # "IPv4-compatible", long deprecated and still routed by some
    return found or address


def _from_system(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(one[4][0]) for one in found]


class Guard:
    """Resolves and judges. One per process: its threads are shared by all that ask."""

    def __init__(self, reach: Reach, *, resolve: Resolve = _from_system) -> None:
        self.reach = reach
        self._resolve = resolve
        self._threads = ThreadPoolExecutor(RESOLVERS, "resolver")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Those of a host that may be reached, in the order of the system's choice.

        Raises:
            AddressRefused: there are some, and none may be reached.
            ResolverBusy: too many names are being asked for.
            OSError: there are none (`socket.gaierror`).
        """
        found = [host] if _is_address(host) else await self._asked(host, port)
        allowed: list[str] = []
        refusals: list[str] = []
        for address in dict.fromkeys(found):
            refusal = self.reach.refusal(address)
            if refusal is None:
                allowed.append(address)
            else:
                refusals.append(refusal)
        if not allowed and refusals:
            raise AddressRefused(refusals[0])
        if not allowed:
            raise socket.gaierror(socket.EAI_NONAME, f"{host} has no address")
        return allowed[:ADDRESSES_MAX]

    async def _asked(self, host: str, port: int) -> list[str]:
        asked = time.monotonic()

        def work() -> list[str]:
            if time.monotonic() - asked > RESOLVER_BUSY_SECONDS:
                raise ResolverBusy(f"cannot resolve {host}: {RESOLVERS} other names are being asked for")
            try:
                return self._resolve(host, port)
            except UnicodeError:
                raise socket.gaierror(socket.EAI_NONAME, f"{host[:100]} is no name of a host") from None

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def connected(addresses: Sequence[str], port: int) -> socket.socket:
    """A TCP connection to the first address that takes one, each after the other. The caller bounds the time.

    Raises:
        OSError: none took it; of the last one.
    """
    loop = asyncio.get_running_loop()
    failure: OSError = OSError("no address")
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(sock, (address, port))
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure
