"""Sentry's doors: every way in, and every kind of bad input with a clear answer and nothing lost beside it."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import httpx
import pytest
from backports import zstd
from tests.sentry_project import Project, envelope, event


def test_each_way_to_show_the_key(project: Project) -> None:
    """Header, query, and the envelope's own DSN, also by the address that names no project; the answer is the id."""
    base = f"{project.server.url}/api/{project.id}"
    bodies = [event(f"way {way}", type=f"Way{way}") for way in "ABCD"]
    asked = [
        project.post("envelope/", envelope(("event", bodies[0]), event_id=bodies[0]["event_id"])),
        httpx.post(
            f"{base}/envelope/?sentry_key={project.key}&sentry_version=7", content=envelope(("event", bodies[1]))
        ),
        httpx.post(f"{base}/envelope/", content=envelope(("event", bodies[2]), dsn=project.dsn)),
        httpx.post(f"{project.server.url}/tunnel", content=envelope(("event", bodies[3]), dsn=project.dsn)),
    ]
    assert [answer.json() for answer in asked] == [{"id": body["event_id"]} for body in bodies]
    assert {answer.headers["access-control-allow-origin"] for answer in asked} == {"*"}
    assert {one["type"] for one in project.issues(4, query="way")} == {"WayA", "WayB", "WayC", "WayD"}


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def test_each_encoding_and_the_old_store(project: Project) -> None:
    for name, pack in ENCODINGS.items():
        answer = project.post(
            "envelope/", pack(envelope(("event", event("x", type=f"In_{name}")))), content_encoding=name
        )
        assert answer.status_code == 200, answer.text
    raw = json.dumps(event("x", type="In_store")).encode()
    assert project.post("store/", raw).status_code == 200
    old = base64.b64encode(zlib.compress(json.dumps(event("x", type="In_old_store")).encode()))
    assert project.post("store/", old).status_code == 200
    found = {one["type"] for one in project.issues(6, query="In_")}
    assert found == {*(f"In_{name}" for name in ENCODINGS), "In_store", "In_old_store"}


def test_browsers_reports(project: Project) -> None:
    """CSP in its old and its new form; one directive and host is one issue."""
    old = {
        "csp-report": {
            "document-uri": "https://x.test/a?b=1",
            "effective-directive": "script-src",
            "blocked-uri": "https://evil.test/x.js",
        }
    }
    new = [
        {
            "type": "csp-violation",
            "url": "https://x.test/b",
            "body": {"effectiveDirective": "script-src", "blockedURL": "https://evil.test/y.js"},
        },
        {"type": "network-error", "url": "https://x.test/c", "body": {"type": "tcp.timed_out"}},
    ]
    query = f"?sentry_key={project.key}"
    assert (
        project.post(f"security/{query}", json.dumps(old).encode(), content_type="application/csp-report").status_code
        == 200
    )
    assert (
        project.post(f"security/{query}", json.dumps(new).encode(), content_type="application/reports+json").status_code
        == 200
    )
    csp = project.seen("script-src", 2)
    assert (csp["type"], csp["title"]) == ("csp", "csp: Blocked 'script-src' from 'evil.test'")
    assert project.issue("tcp.timed_out")["type"] == "network-error"


def test_preflights_are_answered(project: Project) -> None:
    answer = httpx.options(f"{project.server.url}/api/{project.id}/envelope/", headers={"origin": "https://x.test"})
    assert (answer.status_code, answer.headers["access-control-allow-methods"]) == (204, "POST")


BAD: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "no envelope": (b"hello", {}, 400, "the envelope's headers: expected JSON"),
    "a list": (b"[]", {}, 400, "expected a JSON object"),
    "nothing": (b"", {}, 400, "the body is empty"),
    "cut off": (b'{}\n{"type":"event","length":500}\n{}', {}, 400, "expected the 500 that it says"),
    "a length that is none": (b'{}\n{"type":"event","length":"x"}\n{}', {}, 400, "expected a number of bytes"),
    "an event that is no JSON": (b'{}\n{"type":"event"}\n{"a":', {}, 400, "item 1 (event): expected JSON"),
    "an event that is a number": (b'{}\n{"type":"event"}\n7', {}, 400, "expected a JSON object"),
    "an event that is too large": (
        b'{}\n{"type":"event"}\n' + json.dumps({"a": "x" * (1 << 20)}).encode(),
        {},
        413,
        "expected at most 1,048,576",
    ),
    "too many items": (b"{}\n" + b'{"type":"x"}\n{}\n' * 1001, {}, 400, "expected at most 1000 items"),
    "torn gzip": (gzip.compress(b"{}\n")[:-4], {"content_encoding": "gzip"}, 400, "ends too early"),
    "an encoding nobody knows": (b"{}", {"content_encoding": "lzma"}, 415, "expected gzip"),
    "a bomb": (brotli.compress(b"a" * (200 << 20)), {"content_encoding": "br"}, 413, "once unpacked"),
}


@pytest.mark.parametrize(("body", "headers", "status", "said"), BAD.values(), ids=BAD)
def test_bad_input_is_told_what_is_wrong(
    project: Project, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    answer = project.post("envelope/", body, **headers)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]
    assert answer.headers["x-sentry-error"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_what_is_right_in_a_bad_envelope_is_kept(project: Project) -> None:
    body = envelope(("event", b"{nonsense"), ("event", event("beside a bad one", type="BesideBad")), ("unheard_of", {}))
    answer = project.post("envelope/", body)
    assert answer.status_code == 400
    assert "its other items are kept" in answer.json()["detail"]
    assert project.issue("beside")["type"] == "BesideBad"


@pytest.mark.parametrize(
    ("key", "number", "status", "said"),
    [
        ("mwk_forged_0123456789", None, 401, "the ingest key is not known"),
        ("", None, 401, "(no key)@"),
        (None, 99_999, 400, "is of project"),
    ],
)
def test_a_wrong_dsn_is_answered_with_the_dsn_as_we_read_it(
    project: Project, key: str | None, number: int | None, status: int, said: str
) -> None:
    number = number or project.id
    auth = {"x-sentry-auth": f"Sentry sentry_key={project.key if key is None else key}"}
    answer = httpx.post(
        f"{project.server.url}/api/{number}/envelope/", content=envelope(("event", event("x"))), headers=auth
    )
    assert answer.status_code == status
    detail = answer.json()["detail"]
    assert said in detail
    assert f"/{number})" in detail
    assert project.key not in detail


def test_strange_events_are_kept_too(project: Project) -> None:
    """Unknown platforms, times ten years off, huge and deep contexts: each is an event, and says what was wrong."""
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"in": deep}
    strange = [
        event("from afar", type="Strange1", platform="fortran-77"),
        event("long ago", type="Strange2", timestamp=1_400_000_000),
        event("deep", type="Strange3", contexts={"deep": deep, "wide": {str(n): "x" * 50 for n in range(3000)}}),
        event("nothing fits", type="Strange4", tags=7, user="me", breadcrumbs=1, request=[], contexts="no"),
    ]
    for one in strange:
        assert project.post("envelope/", envelope(("event", one))).status_code == 200
    found = {one["type"]: one for one in project.issues(4, query="Strange")}
    assert set(found) == {"Strange1", "Strange2", "Strange3", "Strange4"}
    old = project.event(found["Strange2"]["id"])["event"]
    assert {"type": "past_timestamp", "name": "timestamp"} in old["errors"]


def test_minidumps_are_refused_with_the_reason(project: Project) -> None:
    answer = project.post("minidump/", b"MDMP")
    assert (answer.status_code, "native crashes" in answer.json()["detail"]) == (415, True)
