"""PostHog's bodies and events: every way they are packed, what is kept of them, and what is said of bad ones."""

import base64
import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest

from midwatch.server.protocols.posthog import bodies
from midwatch.server.protocols.posthog.bodies import BadCapture, CaptureTooLarge, Form, parsed
from midwatch.server.protocols.posthog.events import EVENTS_MAX, Captured, Told, captured

EVENT = {"event": "signed up", "distinct_id": "u1", "uuid": "1", "properties": {"plan": "größe"}}
JSON = json.dumps(EVENT, ensure_ascii=False).encode()
BASE64 = base64.b64encode(JSON)
PACKED = gzip.compress(JSON, mtime=0)
"""The same in every worker."""


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (JSON, Form("application/json")),
        (JSON, Form("text/plain")),
        (PACKED, Form("text/plain", "gzip-js")),
        (PACKED, Form("text/plain")),
        (b"data=" + quote(BASE64).encode(), Form("application/x-www-form-urlencoded", "base64")),
        (b"data=" + BASE64, Form("application/x-www-form-urlencoded", "base64")),
        (b"data=" + quote(JSON).encode(), Form("application/x-www-form-urlencoded")),
        (b"data=" + quote(base64.b64encode(PACKED)).encode(), Form()),
        (BASE64, Form("text/plain", "base64")),
        (b"\n " + JSON + b"\n", Form()),
    ],
)
def test_every_packing_reads_as_the_same_json(raw: bytes, form: Form) -> None:
    """Plain, gzip, base64, a form, a beacon's text, and one in the other."""
    assert parsed(raw, form) == EVENT


@pytest.mark.parametrize(
    ("raw", "form", "said"),
    [
        (b"\xff\xfe", Form(), "none of them"),
        (b"{", Form(), "expected JSON"),
        (b"a=1", Form("application/x-www-form-urlencoded"), "no field data"),
        (PACKED[:-9], Form(), "ends too early"),
        (b"\x1f\x8bnot gzip at all", Form(), "cannot unpack"),
        (JSON, Form("", "lz64"), "compression='lz64': expected gzip-js"),
        (b"[" * 5000 + b"]" * 5000, Form(), "expected JSON"),
        (b'{"event": NaN}', Form(), "expected JSON"),
    ],
)
def test_what_cannot_be_read_is_told_what_was_expected(raw: bytes, form: Form, said: str) -> None:
    """And nothing but `BadCapture` is raised."""
    with pytest.raises(BadCapture, match=said):
        parsed(raw, form)


def test_a_bomb_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is unpacked to the limit and no further, which holds for what came unpacked, too; at the limit it is read."""
    monkeypatch.setattr(bodies, "BODY_BYTES_MAX", 1000)
    with pytest.raises(CaptureTooLarge):
        parsed(gzip.compress(b" " * 1001), Form())
    large = b'["' + b"x" * 997 + b'"]'
    for raw in (large, base64.b64encode(large), b"data=" + large):
        with pytest.raises(CaptureTooLarge):
            parsed(raw, Form())
    assert parsed(gzip.compress(b'["' + b"x" * 996 + b'"]'), Form()) == ["x" * 996]


def read(body: Any, told: Told | None = None) -> Captured:
    return captured(body, told or Told(), b"seed")


def lines(body: Any, told: Told | None = None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in read(body, told).lines.splitlines()]


@pytest.mark.parametrize(
    "body",
    [
        {**EVENT, "api_key": "k"},
        {**EVENT, "token": "k"},
        {**EVENT, "$token": "k"},
        [{**EVENT, "properties": {"token": "k"}}],
        {"api_key": "k", "batch": [EVENT]},
        {"batch": [{**EVENT, "properties": {"token": "k"}}]},
        {"data": [{**EVENT, "api_key": "k"}]},
    ],
)
def test_the_key_is_found_wherever_sdks_put_it(body: Any) -> None:
    """And is kept nowhere."""
    found = read(body)
    assert (found.key, found.events) == ("k", 1)
    assert b'"k"' not in found.lines.replace(b'"k":"', b"")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (3, "expected an event"),
        ([], "empty array"),
        ({"batch": []}, "empty array"),
        ({"batch": {}}, "batch: expected an array"),
        ({}, "event 0: event: expected the name"),
        ([3], "event 0: expected an object"),
        ({"event": " ", "distinct_id": "u"}, "expected the name"),
        ({"event": "a"}, "distinct_id: expected whose"),
        ({"event": "a", "distinct_id": True}, "distinct_id"),
        ({"event": "a", "distinct_id": "u", "properties": []}, "properties: expected an object"),
        ({"event": "a", "distinct_id": "u", "uuid": 3}, "uuid: expected"),
        ([EVENT] * (EVENTS_MAX + 1), "10,001 events: expected at most 10,000"),
    ],
)
def test_a_body_without_one_good_event_is_refused(body: Any, said: str) -> None:
    """With the place of the first mistake."""
    with pytest.raises(BadCapture, match=said):
        read(body)


def test_good_events_are_kept_beside_bad_ones() -> None:
    """Those that are refused are named."""
    found = read([EVENT, {"event": ""}, {"uuid": "x"}, EVENT])
    assert (found.events, [(one.index, one.uuid) for one in found.refused]) == (2, [(1, ""), (2, "x")])


def test_times_ids_and_options() -> None:
    """Of the body, the event, and of what newer SDKs put beside the properties."""
    sent = {
        "event": "$identify",
        "timestamp": "2026-01-02T03:04:05.678Z",
        "options": {"disable_skew_correction": True, "process_person_profile": False},
        "session_id": "s",
        "properties": {"distinct_id": 7, "$anon_distinct_id": "anon", "$set": {"a": 1}, "$set_once": {"b": 2}},
    }
    (line,) = lines({"batch": [sent], "sent_at": "2026-01-02T03:04:06Z"}, Told(lib="posthog-python", lib_version="7"))
    assert (line["d"], line["l"], line["k"], line["t"]) == ("7", "anon", "identify", 1767323045678000000)
    assert (line["s"], line["set"], line["once"]) == (0, {"a": 1}, {"b": 2})
    assert line["p"] == {
        "$anon_distinct_id": "anon",
        "$session_id": "s",
        "$process_person_profile": False,
        "$lib": "posthog-python",
        "$lib_version": "7",
    }
    (later,) = lines({"event": "a", "distinct_id": "u", "offset": 1500, "timestamp": "whenever"}, Told(sent_ns=5))
    assert (later["t"], later["o"], later["s"]) == (0, 1_500_000_000, 5)


@pytest.mark.parametrize("other", ["undefined", "null", "[object Object]", "0", "u1", ""])
def test_an_id_that_programs_send_by_mistake_joins_nobody(other: str) -> None:
    """As PostHog has it: all who share it would be one person."""
    event = {**EVENT, "event": "$identify", "properties": {"$anon_distinct_id": other}}
    assert "l" not in lines(event)[0]


def test_a_retry_is_told_from_another_event() -> None:
    """By uuid, or by time: an event that has neither may have happened again."""
    assert read({**EVENT}).retry_is_copy
    bare = {"event": "a", "distinct_id": "u"}
    assert read({**bare, "timestamp": "2026-01-01T00:00:00Z"}).retry_is_copy
    assert not read(bare).retry_is_copy
    assert not read({**bare, "uuid": None}).retry_is_copy
    assert lines(bare)[0]["u"] != lines(bare)[0]["u"]
    timed = {**bare, "timestamp": 1767323045}
    assert lines(timed)[0]["u"] == lines(timed)[0]["u"]
