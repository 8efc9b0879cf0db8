"""Each kind of probe against the real thing: what succeeds, what fails, for which reason and whose fault it is."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.monitors import sites

from midwatch.contract.plan import MAIN_FILE, load
from midwatch.contract.plan.sections import probes as section
from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.model.clock import WallClock
from midwatch.server.monitors.probes.asking import Asker
from midwatch.server.monitors.probes.attempt import Fault, Reason, Result
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard, Reach

LOCAL = Reach.parse("127.0.0.0/8")
TLS = {"ca": sites.CA_TEXT, "server_name": "localhost"}


def resolve(host: str, port: int) -> list[str]:
    """Names of these tests; the machine's for all others."""
    known = {"site.test": ["127.0.0.1"], "inside.test": ["10.0.0.1"]}
    if host == "nobody.test":
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    if host in known:
        return known[host]
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.fixture
async def asker() -> AsyncIterator[Asker]:
    guard = Guard(LOCAL, resolve=resolve)
    yield Asker(guard, PlanFiles(None), WallClock())
    guard.close()


def probe(kind: str, target: dict[str, Any], **more: Any) -> Probe:
    """As a plan has it."""
    import json

    loaded = load({MAIN_FILE: json.dumps({"probes": [{"name": "p", "timeout": "2s", kind: target, **more}]})})
    assert loaded.plan is not None, loaded.problems
    return loaded.plan[section.SECTION][0]


async def http(asker: Asker, port: int, path: str, *, expect: dict[str, Any] | None = None, **more: Any) -> Result:
    url = more.pop("url", f"http://site.test:{port}{path}")
    return await asker.ask(probe("http", {"url": url, "expect": expect or {}, **more}))


async def test_http_measures_each_phase(asker: Asker) -> None:
    """Status, length, address and the time of each phase; redirects are followed and counted."""
    async with sites.site() as port:
        found = await http(asker, port, "/away")
    assert found.success, found
    assert found.phases.keys() == {"resolve", "connect", "processing", "transfer"}
    assert found.seconds >= max(found.phases.values())
    values = {"probe_http_status_code": 200, "probe_http_redirects": 1, "probe_http_ssl": 0, "probe_http_version": 1.1}
    assert found.values == values | {"probe_http_uncompressed_body_length": 4}
    assert found.facts == {"address": "127.0.0.1", "answered_by": f"http://site.test:{port}/ok"}


EXPECTED: list[tuple[str, dict[str, Any], Reason | None, str]] = [
    ("/ok", {"body_contains": ["fine"], "body_lacks": ["broken"], "body_matches": "^f.ne$"}, None, ""),
    ("/ok", {"status": [404]}, Reason.STATUS, "the answer is 200; expected 404"),
    ("/fail", {}, Reason.STATUS, "the answer is 500; expected 2xx"),
    ("/fail", {"status": [500, "4xx"]}, None, ""),
    ("/ok", {"body_contains": ["more"]}, Reason.BODY, "the body lacks “more”: it begins “fine”"),
    ("/ok", {"body_lacks": ["in"]}, Reason.BODY, "the body has “in”, which it should lack"),
    ("/ok", {"body_matches": "x$"}, Reason.BODY, "the body is “fine”; expected a match of x$"),
    ("/ok", {"header_matches": {"content-length": "^4$"}}, None, ""),
    ("/ok", {"header_matches": {"x-none": "."}}, Reason.HEADER, "the header x-none is “”"),
    ("/json", {"json": [{"path": "$.status", "equals": "ok"}, {"path": "$.up", "equals": True}]}, None, ""),
    ("/json", {"json": [{"path": "$.up", "equals": 1}]}, Reason.JSON, "$.up is true; expected 1"),
    ("/json", {"json": [{"path": "$.checks[?@.name=='db'].ms", "at_most": 5}]}, None, ""),
    ("/json", {"json": [{"path": "$.checks[*].ms", "at_most": 5}]}, Reason.JSON, "is 40; expected at most 5"),
    ("/json", {"json": [{"path": "$.checks[*].ms", "at_least": 4}]}, Reason.JSON, "is 3; expected at least 4"),
    ("/json", {"json": [{"path": "$.none"}]}, Reason.JSON, "$.none finds nothing"),
    ("/json", {"json": [{"path": "$.status", "matches": "^o"}]}, None, ""),
    ("/ok", {"json": [{"path": "$"}]}, Reason.JSON, "the body is no JSON"),
    ("/ok", {"latency_below": "1ms"}, Reason.LATENCY, "expected below 0.001 s"),
    ("/ok", {"resolves_to": ["127.0.0.0/8"]}, None, ""),
    ("/ok", {"resolves_to": ["192.0.2.0/24"]}, Reason.ADDRESS, "the host has the address 127.0.0.1"),
    ("/ok", {"certificate_valid_for": "1d"}, Reason.EXPIRY, "there is no certificate"),
    ("/loop", {}, Reason.PROTOCOL, "more than 10 redirects"),
    ("/torn", {}, Reason.PROTOCOL, "RemoteProtocolError"),
]


@pytest.mark.parametrize(("path", "expect", "reason", "said"), EXPECTED)
async def test_http_answers_are_held_against_what_is_expected(
    asker: Asker, path: str, expect: dict[str, Any], reason: Reason | None, said: str
) -> None:
    """Each kind of expectation, met and not met; what is not met is the site's fault."""
    async with sites.site() as port:
        found = await http(asker, port, path, expect=expect)
    assert found.reason == reason, found
    assert said in found.detail
    assert found.fault == (Fault.THEIRS if reason else None)


async def test_failures_tell_whose_they_are(asker: Asker) -> None:
    """No such name and refused: theirs; no name server and no answer: perhaps the network; inside: refused."""
    slow = await http(asker, 0, "", url="http://nobody.test/")
    assert (slow.reason, slow.fault) == (Reason.RESOLVE_FAILED, Fault.PERHAPS_NETWORK)
    unknown = await http(asker, 0, "", url="http://unknown.test/")
    assert (unknown.reason, unknown.fault) == (Reason.RESOLVE, Fault.THEIRS)
    refused = await http(asker, sites.free_port(), "/")
    assert (refused.reason, refused.fault) == (Reason.CONNECT, Fault.THEIRS), refused
    for url in ("http://10.0.0.1/", "http://inside.test/", "http://[::1]:1/", "http://169.254.169.254/latest"):
        inside = await http(asker, 0, "", url=url)
        assert (inside.reason, inside.fault) == (Reason.REFUSED_ADDRESS, Fault.OURS), inside
        assert "--private-networks" in inside.detail
    async with sites.site() as port:
        led = await http(asker, port, "/elsewhere?to=http://inside.test/secret")
        assert led.reason is Reason.REFUSED_ADDRESS
        hanging = await http(asker, port, "/slow", expect={})
        assert (hanging.reason, hanging.fault) == (Reason.TIMEOUT, Fault.THEIRS)
        assert hanging.detail == "no answer within 2 s: connected, and not answered"


async def test_secrets_stay_with_the_site_that_they_are_for(asker: Asker) -> None:
    """The plan's headers and credentials are sent to its URL, and not to another that it redirects to."""
    secrets = {"headers": {"X-Api-Key": "s3cret"}, "authorization": {"credentials": "t0ken"}}
    async with sites.site() as port, sites.site() as other:
        own = await http(asker, port, "/headers", expect={"body_matches": "(?s)Bearer t0ken.*"}, **secrets)
        assert own.success, own
        away = f"/elsewhere?to=http://site.test:{other}/headers"
        led = await http(asker, port, away, expect={"body_lacks": ["s3cret", "t0ken"]}, **secrets)
        assert led.success, led


async def test_tls_tells_of_certificates(asker: Asker) -> None:
    """Expiry, version and subject; an expired or unknown one is refused, and told of where checks are skipped."""
    async with sites.site(sites.context()) as port:
        url = f"https://site.test:{port}/ok"
        found = await http(asker, port, "", url=url, tls_config=TLS)
        assert found.success, found
        days = (found.values["probe_ssl_earliest_cert_expiry"] - found.at_ns / 1e9) / 86_400
        assert 4.9 < days < 5.1
        assert found.facts["tls_version"] == "1.3"
        assert "tls" in found.phases
        short = await http(asker, port, "", url=url, tls_config=TLS, expect={"certificate_valid_for": "14d"})
        assert (short.reason, short.detail) == (
            Reason.EXPIRY,
            "the certificate is valid for 5.0 d; expected at least 14 d",
        )
        unknown = await http(asker, port, "", url=url)
        assert (unknown.reason, unknown.fault) == (Reason.CERTIFICATE, Fault.THEIRS), unknown
        other_name = await http(asker, port, "", url=url, tls_config={"ca": sites.CA_TEXT})
        assert "not valid for 'site.test'" in other_name.detail
        target = {"address": f"site.test:{port}", "tls_config": TLS, "expect": {"certificate_valid_for": "1d"}}
        assert (await asker.ask(probe("tls", target))).success
    async with sites.site(sites.context(sites.OLD)) as port:
        target = {"address": f"site.test:{port}", "tls_config": TLS}
        old = await asker.ask(probe("tls", target))
        assert (old.reason, old.detail) == (
            Reason.CERTIFICATE,
            "the certificate is not believed: certificate has expired",
        )
        skipped = await asker.ask(probe("tls", target | {"tls_config": {"insecure_skip_verify": True}}))
        assert skipped.success
        assert skipped.values["probe_ssl_earliest_cert_expiry"] < skipped.at_ns / 1e9
    async with sites.saying(b"no TLS at all") as port:
        assert (await asker.ask(probe("tls", {"address": f"site.test:{port}"}))).reason is Reason.TLS


async def test_tcp_connects_and_reads(asker: Asker) -> None:
    """A connection alone, a banner that fits, one that does not."""
    async with sites.saying(b"220 mail ready\r\n") as port:
        address = f"site.test:{port}"
        assert (await asker.ask(probe("tcp", {"address": address}))).success
        assert (await asker.ask(probe("tcp", {"address": address, "expect": {"matches": "^220 "}}))).success
        other = await asker.ask(probe("tcp", {"address": address, "expect": {"matches": "^554"}}, timeout="300ms"))
        assert (other.reason, other.fault) == (Reason.TIMEOUT, Fault.THEIRS)


async def test_dns_asks_a_server(asker: Asker) -> None:
    """Answers, their number, a name that is not, a server that is inside."""
    async with sites.name_server() as port:
        at = {"name": "example.test", "server": f"127.0.0.1:{port}"}
        found = await asker.ask(probe("dns", at | {"expect": {"contains": ["192.0.2.2"], "matches": r"2\.1$"}}))
        assert found.success, found
        answers = sorted(str(found.facts["answers"]).split(", "))
        assert (found.values["probe_dns_answer_rrs"], answers) == (2, ["192.0.2.1", "192.0.2.2"])
        other = await asker.ask(probe("dns", at | {"expect": {"contains": ["192.0.2.9"]}}))
        assert other.reason is Reason.ANSWER
        none = await asker.ask(probe("dns", at | {"name": "none.test"}))
        assert none.detail == "the answer is NXDOMAIN; expected NOERROR"
        assert (await asker.ask(probe("dns", at | {"name": "none.test", "expect": {"rcode": "NXDOMAIN"}}))).success
    inside = await asker.ask(probe("dns", at | {"server": "10.0.0.1:53"}))
    assert inside.reason is Reason.REFUSED_ADDRESS


async def test_icmp_pings_or_says_what_it_needs(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback answers where ICMP is permitted; where not, the message says how to permit it."""
    import icmplib

    found = await asker.ask(probe("icmp", {"host": "127.0.0.1", "packets": 2}))
    if found.success:
        assert found.values["probe_icmp_packet_loss_ratio"] == 0
        assert found.phases["rtt"] < 1
    else:
        assert found.reason is Reason.NOT_PERMITTED

    async def forbidden(*_: Any, **__: Any) -> None:
        raise icmplib.SocketPermissionError(privileged=False)

    monkeypatch.setattr(icmplib, "async_ping", forbidden)
    refused = await asker.ask(probe("icmp", {"host": "127.0.0.1"}))
    assert (refused.reason, refused.fault) == (Reason.NOT_PERMITTED, Fault.OURS)
    assert "ping_group_range" in refused.detail


async def test_grpc_asks_for_health(asker: Asker) -> None:
    """Serving, not serving, a service that is not known; over TLS with its certificate."""
    with sites.grpc_health() as port:
        at = {"address": f"site.test:{port}"}
        assert (await asker.ask(probe("grpc", at))).success
        assert (await asker.ask(probe("grpc", at | {"service": "shop"}))).success
        stock = await asker.ask(probe("grpc", at | {"service": "stock"}))
        assert (stock.reason, stock.detail) == (Reason.ANSWER, "stock is NOT_SERVING; expected SERVING")
        none = await asker.ask(probe("grpc", at | {"service": "none"}))
        assert (none.reason, none.values["probe_grpc_status_code"]) == (Reason.ANSWER, 5)
    gone = await asker.ask(probe("grpc", at))
    assert gone.reason is Reason.CONNECT, gone
    with sites.grpc_health(tls=True) as port:
        secure = {"address": f"site.test:{port}", "tls": True, "tls_config": TLS}
        found = await asker.ask(probe("grpc", secure))
        assert found.success, found
        assert "probe_ssl_earliest_cert_expiry" in found.values


async def test_a_web_socket_opens_and_talks(asker: Asker) -> None:
    """The handshake with a ping, a message and its answer, TLS; a site that opens none says so."""
    async with sites.web_socket() as port:
        at = {"url": f"ws://site.test:{port}/"}
        assert (await asker.ask(probe("websocket", at))).success
        talking = await asker.ask(probe("websocket", at | {"send": "hi", "expect": {"matches": "^echo hi$"}}))
        assert talking.success, talking
        other = await asker.ask(probe("websocket", at | {"send": "hi", "expect": {"matches": "^ho"}}))
        assert other.reason is Reason.ANSWER
    async with sites.web_socket(sites.context()) as port:
        found = await asker.ask(probe("websocket", {"url": f"wss://site.test:{port}/", "tls_config": TLS}))
        assert found.success, found
        assert "probe_ssl_earliest_cert_expiry" in found.values
    async with sites.site() as port:
        none = await asker.ask(probe("websocket", {"url": f"ws://site.test:{port}/fail"}))
        assert (none.reason, none.detail) == (Reason.STATUS, "the answer is 500; expected 101, which opens a WebSocket")


async def test_redis_answers_a_ping(asker: Asker, tmp_path: Path) -> None:
    """Without a password, with one, with a wrong one, and something else on its port."""
    with sites.redis(tmp_path) as port:
        assert (await asker.ask(probe("redis", {"address": f"site.test:{port}"}))).success
    with sites.redis(tmp_path, "pass") as port:
        at = {"address": f"site.test:{port}"}
        none = await asker.ask(probe("redis", at))
        assert (none.reason, none.fault) == (Reason.AUTHENTICATION, Fault.THEIRS)
        assert (await asker.ask(probe("redis", at | {"password": "wrong"}))).reason is Reason.AUTHENTICATION
        assert (await asker.ask(probe("redis", at | {"password": "pass"}))).success
    async with sites.saying(b"HTTP/1.1 400 no\r\n") as port:
        assert (await asker.ask(probe("redis", {"address": f"site.test:{port}"}))).reason is Reason.PROTOCOL


@pytest.mark.postgres
async def test_postgresql_answers_a_query(asker: Asker) -> None:
    """A session and a query; a database that is not there; nobody on the port."""
    at = {"address": "site.test:5432", "username": "root"}
    found = await asker.ask(probe("postgresql", at))
    assert found.success, found
    none = await asker.ask(probe("postgresql", at | {"database": "none_such"}))
    assert (none.reason, none.fault) == (Reason.ANSWER, Fault.THEIRS)
    assert 'database "none_such" does not exist' in none.detail
    gone = await asker.ask(probe("postgresql", at | {"address": f"site.test:{sites.free_port()}"}))
    assert gone.reason is Reason.CONNECT


async def test_hundreds_of_hanging_sites_delay_nobody(asker: Asker) -> None:
    """While three hundred attempts wait for answers, one to another site ends first."""
    async with sites.saying(b"") as port, sites.site() as other:
        hanging = {"address": f"site.test:{port}", "expect": {"matches": "never"}}
        waiting = [asyncio.ensure_future(asker.ask(probe("tcp", hanging))) for _ in range(300)]
        found = await http(asker, other, "/ok")
        assert found.success
        assert not any(one.done() for one in waiting)
        assert {one.reason for one in await asyncio.gather(*waiting)} == {Reason.TIMEOUT}
