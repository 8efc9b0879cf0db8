"""Where a client is, its connection says, or a trusted proxy: 127.0.0.1 is one here, the rest of 127/8 is not."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.conftest import Server

pytestmark = pytest.mark.thorough

PROXY = "127.0.0.1"


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another program's variable, which uvicorn reads, must not widen whom we trust."""
    environment = {"FORWARDED_ALLOW_IPS": "*"}
    started = Server(tmp_path_factory.mktemp("proxied"), environment, ("--trusted-proxies", PROXY)).start()
    yield started
    started.stop()


def client(server: Server, source: str, **headers: str) -> httpx.Client:
    """A client at an address of this machine's."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Client(base_url=server.url, headers=sent, transport=httpx.HTTPTransport(local_address=source))


def sign_in(server: Server, source: str, email: str, password: str, **headers: str) -> httpx.Response:
    with client(server, source, **headers) as browser:
        return browser.post("/api/v1/auth/login", json={"email": email, "password": password})


def statuses(server: Server, source: str, forwarded: str) -> list[int]:
    """Nine wrong passwords, each for another account; `forwarded` may hold the number of the try."""
    return [
        sign_in(
            server, source, f"{source}-{number}@example.com", "wrong", x_forwarded_for=forwarded.format(number)
        ).status_code
        for number in range(9)
    ]


def addresses(server: Server, target: str) -> set[str]:
    """Where the audit log says that sign-ins as these came from."""
    with server.api() as api:
        entries = api.get("/api/v1/audit", params={"limit": 200}).json()["entries"]
    return {entry["address"] for entry in entries if entry["target"].startswith(target)}


def test_a_forged_header_is_no_way_around_the_throttle(proxied: Server) -> None:
    """A client that claims another address at each try is counted, and noted, under its own."""
    found = statuses(proxied, "127.0.0.2", "203.0.113.{}")
    assert (found[0], found[-1]) == (401, 429)
    assert addresses(proxied, "127.0.0.2-") == {"127.0.0.2"}


def test_without_trusted_proxies_nobody_is_believed(server: Server) -> None:
    """Not this machine either, which uvicorn trusts when nobody says otherwise."""
    found = statuses(server, "127.0.0.3", "203.0.113.{}")
    assert (found[0], found[-1]) == (401, 429)


def test_clients_behind_a_proxy_are_told_apart(proxied: Server) -> None:
    """Each is counted under the address that the proxy saw, so that one that guesses does not lock out the others."""
    assert set(statuses(proxied, PROXY, "198.51.100.{}")) == {401}
    assert addresses(proxied, f"{PROXY}-") == {f"198.51.100.{number}" for number in range(9)}


def test_what_a_client_wrote_before_the_proxy_did_is_not_believed(proxied: Server) -> None:
    """A proxy appends; the last address is the one that it saw."""
    found = statuses(proxied, PROXY, "192.0.2.{}, 198.51.100.77")
    assert (found[0], found[-1]) == (401, 429)


def test_a_socket_for_both_families_knows_its_proxies(tmp_path: Path) -> None:
    """On one, 127.0.0.1 arrives as ::ffff:127.0.0.1; it is trusted, and the audit log has addresses in one form."""
    options = ("--host", "::ffff:127.0.0.1", "--otlp-grpc-port", "-1", "--trusted-proxies", PROXY)
    both = Server(tmp_path / "both", options=options).start()
    try:
        both.url = f"http://127.0.0.1:{httpx.URL(both.url).port}"
        for source in (PROXY, "127.0.0.2"):
            sign_in(both, source, f"{source}@example.com", "wrong", x_forwarded_for="203.0.113.1")
        assert addresses(both, PROXY) == {"203.0.113.1"}
        assert addresses(both, "127.0.0.2") == {"127.0.0.2"}
    finally:
        both.stop()


@pytest.mark.parametrize(
    ("source", "proto", "secure"),
    [(PROXY, "https", True), (PROXY, "http", False), ("127.0.0.2", "https", False)],
)
def test_the_cookie_is_secure_where_a_proxy_speaks_tls(proxied: Server, source: str, proto: str, secure: bool) -> None:
    """`Secure` is set when a trusted proxy says that the browser came by https; always HttpOnly and SameSite."""
    with proxied.api() as api:
        made = api.post("/api/v1/users", json={"email": f"{proto}-{source}@example.com"}).json()
    forwarded = {"x_forwarded_for": "198.51.100.200", "x_forwarded_proto": proto}
    with client(proxied, source, **forwarded) as browser:
        answer = browser.post("/api/v1/auth/link", json={"token": made["signin_link"].partition("token=")[2]})
    assert answer.status_code == 200
    flags = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert ("secure" in flags) == secure
    assert not any(flag.startswith("domain") for flag in flags)
