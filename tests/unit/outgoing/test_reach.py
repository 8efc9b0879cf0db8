"""Who may be called up: by address, by name, by a name that changes its mind, by a redirect."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from midwatch.server.outgoing import reach
from midwatch.server.outgoing.guarded_http import GuardedTransport
from midwatch.server.outgoing.reach import AddressRefused, Guard, Reach, ResolverBusy

PUBLIC = ("93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808")
PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "no address",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_may_be_reached(address: str) -> None:
    """Public addresses, IPv4 inside of IPv6 too."""
    assert Reach().refusal(address) is None


@pytest.mark.parametrize("address", PRIVATE)
def test_surroundings_may_not_be_reached(address: str) -> None:
    """Private, local, link-local and multicast addresses, in each of IPv6's disguises."""
    assert Reach().refusal(address) is not None


def test_networks_that_are_allowed_may_be_reached() -> None:
    """Those named and no others; `all` is all."""
    some = Reach.parse("10.0.0.0/8,fd00::/8")
    assert [some.refusal(one) is None for one in ("10.1.1.1", "::ffff:10.1.1.1", "fd00::1", "127.0.0.1")] == [
        True,
        True,
        True,
        False,
    ]
    assert Reach.parse("all").refusal("127.0.0.1") is None
    assert Reach.parse("none").refusal("127.0.0.1") is not None


async def test_of_a_name_only_allowed_addresses_are_used() -> None:
    """A public and a private address: the public one; private ones alone: refused; none: as the system says."""
    answers = {"both": ["10.0.0.1", "8.8.8.8"], "inside": ["10.0.0.1"], "none": []}
    guard = Guard(Reach(), resolve=lambda host, port: answers[host])
    assert await guard.addresses("both", 80) == ["8.8.8.8"]
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1 is a private address: allow it with --private-networks"):
        await guard.addresses("inside", 80)
    with pytest.raises(socket.gaierror):
        await guard.addresses("none", 80)
    with pytest.raises(AddressRefused):
        await guard.addresses("127.0.0.1", 80)
    with pytest.raises(socket.gaierror):
        await Guard(Reach()).addresses("a" * 70 + ".example", 80)
    guard.close()


async def test_too_many_names_at_once_are_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that waited too long for a thread is told apart from one that does not resolve."""
    monkeypatch.setattr(reach, "RESOLVERS", 1)
    monkeypatch.setattr(reach, "RESOLVER_BUSY_SECONDS", 0.01)
    go = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        go.wait(10)
        return ["8.8.8.8"]

    guard = Guard(Reach(), resolve=slow)
    first = asyncio.ensure_future(guard.addresses("first", 80))
    second = asyncio.ensure_future(guard.addresses("second", 80))
    await asyncio.sleep(0.05)
    go.set()
    assert await first == ["8.8.8.8"]
    with pytest.raises(ResolverBusy):
        await second
    guard.close()


@pytest.fixture
def site() -> Iterator[int]:
    """Says who it was taken for, and sends `/away` to another name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            away = self.path == "/away"
            self.send_response(302 if away else 200)
            if away:
                self.send_header("location", f"http://inside.test:{self.server.server_address[1]}/secret")
            body = self.headers["host"].encode()
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


async def test_http_goes_to_the_address_that_was_judged(site: int) -> None:
    """A name is asked for once a connection; what it would answer next is not used, and redirects are judged too."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if host == "outside.test" and asked.count(host) == 1 else ["10.0.0.1"]

    guard = Guard(Reach.parse("127.0.0.0/8"), resolve=rebinding)
    transport = GuardedTransport(guard)
    async with httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=True) as client:
        answer = await client.get(f"http://outside.test:{site}/")
        assert (answer.text, asked) == (f"outside.test:{site}", ["outside.test"])
        with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
            await client.get(f"http://outside.test:{site}/away")
    async with httpx.AsyncClient(transport=GuardedTransport(guard), trust_env=False) as client:
        with pytest.raises(AddressRefused):
            await client.get(f"http://outside.test:{site}/")
    guard.close()
