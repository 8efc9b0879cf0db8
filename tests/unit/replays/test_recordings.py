"""Recordings are read, cleaned and counted; what is none is refused with what is wrong with it."""

import json
import time
import zlib
from typing import Any

import orjson
import pytest

from midwatch.contract.privacy import denylist
from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_hashing import HashKey
from midwatch.contract.privacy_rules import FieldRule, PrivacyPolicy
from midwatch.server.privacy.scrubber import Scrubber
from midwatch.server.protocols.sentry import replay
from midwatch.server.protocols.sentry.replay import BadReplay, read_event, read_recording
from midwatch.server.replays.client import client_of
from midwatch.server.replays.segment import made
from midwatch.server.workspace.replays import SECONDS_MAX

ID = "8f1778675f0b4f64b5634c615a4df603"
AT = 1_795_799_589
EVENT: dict[str, Any] = {"replay_id": ID, "segment_id": 0, "timestamp": AT + 5.5, "replay_start_timestamp": AT}
SCRUBBER = Scrubber(PrivacyPolicy())


def recording(events: Any, *, segment: Any = 0, packed: bool = True) -> bytes:
    body = json.dumps(events).encode()
    return json.dumps({"segment_id": segment}).encode() + b"\n" + (zlib.compress(body) if packed else body)


def rrweb(kind: int = 3, at: float = AT * 1000 + 1, **data: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": at, "data": data}


def breadcrumb(category: str, **more: Any) -> dict[str, Any]:
    return rrweb(5, tag="breadcrumb", payload={"category": category, **more})


def nested(levels: int) -> Any:
    return json.loads("[" * levels + "]" * levels)


BAD_EVENTS = {
    "no id": ({"replay_id": None}, "replay_id: expected a UUID"),
    "an id of noughts": ({"replay_id": "0" * 32}, "replay_id: expected a UUID"),
    "a path for an id": ({"replay_id": "../../etc/passwd"}, "replay_id: expected a UUID"),
    "no segment": ({"segment_id": None}, "segment_id: expected a whole number from 0 to 9999"),
    "a flag for a segment": ({"segment_id": True}, "segment_id: expected a whole number"),
    "a segment too many": ({"segment_id": 10_000}, "segment_id: expected a whole number"),
    "no time": ({"timestamp": None}, "timestamp: expected seconds since the epoch"),
    "a time that is none": ({"timestamp": "soon"}, "timestamp: expected seconds since the epoch"),
    "a beginning that is none": ({"replay_start_timestamp": []}, "replay_start_timestamp: expected seconds"),
    "a time in milliseconds": ({"timestamp": AT * 1000.0}, "timestamp: expected seconds"),
}


@pytest.mark.parametrize("mistake", BAD_EVENTS)
def test_a_segment_that_does_not_say_what_it_is_is_refused(mistake: str) -> None:
    """By what is missing or wrong."""
    change, message = BAD_EVENTS[mistake]
    with pytest.raises(BadReplay, match=message):
        read_event({**EVENT, **change})


BAD_RECORDINGS = {
    "nothing": (b"", "expected a line of JSON headers"),
    "no headers": (b"[]", "expected a line of JSON headers"),
    "headers that are no JSON": (b"{\n[]", "the headers of the recording: expected JSON"),
    "headers that are no object": (b"[]\n[]", "the headers of the recording: expected a JSON object"),
    "no segment in the headers": (b"{}\n[]", "segment_id of the recording: expected a whole number"),
    "no events": (b'{"segment_id":0}\n', "the recording: expected JSON"),
    "no array": (recording({"a": 1}), "expected a JSON array of events"),
    "events that are no objects": (recording([1]), "event 0 of the recording: expected a JSON object"),
    "no kind": (recording([{"timestamp": 1}]), "type of event 0 of the recording"),
    "an unknown kind": (recording([rrweb(7)]), "type of event 0 of the recording"),
    "no time": (recording([rrweb(), {"type": 3}]), "timestamp of event 1 of the recording"),
    "a time that is no number": (recording([{"type": 3, "timestamp": "now"}]), "timestamp of event 0"),
    "not compressed and no JSON": (b'{"segment_id":0}\n\x00\x01\x02', "cannot unpack it"),
    "cut off": (recording([rrweb()] * 50)[:-9], "the recording is cut off"),
    "nested beyond reading": (b'{"segment_id":0}\n' + b"[" * 5000 + b"]" * 5000, "the recording: expected JSON"),
}


@pytest.mark.parametrize("mistake", BAD_RECORDINGS)
def test_a_recording_that_is_none_is_refused(mistake: str) -> None:
    """With where it is wrong."""
    content, message = BAD_RECORDINGS[mistake]
    with pytest.raises(BadReplay, match=message):
        read_recording(content)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty megabytes of noughts are refused before they are all unpacked; so is too much of anything."""
    bomb = b'{"segment_id":0}\n' + zlib.compress(b"[" + b"0" * (60 << 20), 1)
    with pytest.raises(BadReplay, match="expected at most 41,943,040 bytes when it is unpacked"):
        read_recording(bomb)
    monkeypatch.setattr(replay, "SEGMENT_BYTES_MAX", 100)
    read_recording(recording([]))
    with pytest.raises(BadReplay, match="a recording of 117 bytes: expected at most 100"):
        read_recording(b'{"segment_id":0}\n' + b" " * 100)
    monkeypatch.setattr(replay, "EVENTS_MAX", 2)
    read_recording(recording([rrweb()] * 2))
    with pytest.raises(BadReplay, match="a recording of 3 events: expected at most 2"):
        read_recording(recording([rrweb()] * 3))


def test_a_recording_is_read_packed_or_plain() -> None:
    """Times in seconds, as performance spans have them, are milliseconds as all others, and all stand in order."""
    events = [rrweb(at=AT * 1000 + 700), rrweb(5, at=AT + 0.25, tag="performanceSpan", payload={})]
    for packed in (True, False):
        number, found = read_recording(recording(events, segment=7, packed=packed))
        assert number == 7
        assert [(one["type"], one["timestamp"]) for one in found] == [(5, AT * 1000 + 250), (3, AT * 1000 + 700)]


def test_what_a_segment_says_of_itself() -> None:
    """Ids in one form, each once; of a user what is text; the times in milliseconds."""
    error = "F38563D0-B8B6-43AC-B76B-F876E10A95F5"
    said = read_event(
        {
            **EVENT,
            "replay_id": "8f177867-5f0b-4f64-b563-4c615a4df603",
            "replay_type": "buffer",
            "error_ids": [error, error.lower(), "no id", 5],
            "urls": ["http://a/", "http://a/", "http://b/", None],
            "user": {"id": 42, "email": "ada@example.test", "ip_address": "{{auto}}", "username": ["a"]},
            "request": {"headers": {"USER-AGENT": "x"}},
            "contexts": [],
        }
    )
    assert (said.replay_id, said.started_ms, said.at_ms, said.is_buffer) == (ID, AT * 1000, AT * 1000 + 5500, True)
    assert said.error_ids == ("f38563d0b8b643acb76bf876e10a95f5",)
    assert said.urls == ("http://a/", "http://b/")
    assert said.user == {"id": "42", "email": "ada@example.test"}
    assert (said.user_agent, said.contexts) == ("x", {})
    assert read_event({**EVENT, "timestamp": "2026-11-27T17:13:09Z"}).at_ms == AT * 1000


def test_a_time_without_a_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the server is."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert read_event({**EVENT, "timestamp": "2026-11-27T17:13:09"}).at_ms == AT * 1000
    time.tzset()


def test_private_values_do_not_stay() -> None:
    """Of console lines, requests, headers and addresses, in whatever shape; everything else stays as it was."""
    secret = "hunter2"
    events = [
        rrweb(4, href=f"https://ada:{secret}@shop.test/reset?token={secret}&page=2#access_token={secret}", width=800),
        rrweb(2, node={"type": 2, "attributes": {"href": f"/next?session_token={secret}&x=1"}, "textContent": "***"}),
        breadcrumb(
            "console",
            message=f"login password={secret} for user=ada",
            data={"arguments": ["x", {"password": secret, "n": 1}, f'{{"apiKey":"{secret}","ok":true}}']},
        ),
        breadcrumb("console", message=f"{{'Authorization': 'Bearer {secret}abcdefgh'}} secret: {secret}"),
        breadcrumb("console", message=f"\"client_secret\": \"{secret} and more\", 'pwd':'{secret}'"),
        rrweb(
            5,
            tag="performanceSpan",
            payload={
                "op": "resource.fetch",
                "description": f"/data?api_key={secret}&q=shoes",
                "data": {
                    "request": {
                        "headers": {"x-api-key": secret, "accept": "text/html"},
                        "body": {"card_number": secret},
                    },
                    "response": {"headers": {"Set-Cookie": secret}, "body": f'{{"token": "{secret}", "total": 12}}'},
                },
            },
        ),
        breadcrumb("console", message=f"cannot pay: token={secret}; x=password={secret} a=b"),
        breadcrumb("console", message='sent {\\"token\\": \\"' + secret + ' and \\\\" more\\", \\"ok\\": 1}'),
        breadcrumb("console", message="a" * 100_000 + f" password : '{secret}"),
        rrweb(6, plugin="rrweb/console@1", payload={"level": "log", "payload": [f'"token={secret}"']}),
    ]
    said = read_event(EVENT)
    _, found = read_recording(recording(events))
    segment = made(said, found, SCRUBBER)
    written = zlib.decompress(segment.content, 31)
    assert secret.encode() not in written
    messages = [one["data"]["payload"].get("message", "") for one in orjson.loads(written) if one["type"] == 5]
    assert 'sent {\\"token\\": \\"[removed]\\", \\"ok\\": 1}' in messages
    assert "cannot pay: token=[removed]; x=password=[removed] a=b" in messages
    kept = orjson.loads(written)
    for text in (b"page=2", b"x=1", b"user=ada", b"q=shoes", b"text/html", b"login"):
        assert text in written, text
    assert kept[2]["data"]["payload"]["data"]["arguments"][1] == {"password": "[removed]", "n": 1}
    assert kept[5]["data"]["payload"]["description"] == "/data?api_key=[removed]&q=shoes"
    user, ids = {"id": "1", "email": "a@b.test"}, HashKey("own", b"k" * 32)
    called = Scrubber(PrivacyPolicy(ids=ids)).user(user)
    assert called == {"id": "1", "email": f"[id {ids.hash('a@b.test')}]"}
    assert Scrubber(PrivacyPolicy(rules=(FieldRule("user.email", Action("keep")),))).user(user) == user
    assert Scrubber(PrivacyPolicy(deny=denylist(deny=["user email"]))).user(user) == {"id": "1"}


def test_clicks_are_counted_by_how_they_went() -> None:
    """A dead click is one that nothing followed; rage is three or more on one thing."""
    events = [
        breadcrumb("ui.click"),
        breadcrumb("ui.tap"),
        breadcrumb("ui.slowClickDetected", data={"endReason": "timeout", "clickCount": 1}),
        breadcrumb("ui.slowClickDetected", data={"endReason": "timeout", "clickCount": 5}),
        breadcrumb("ui.slowClickDetected", data={"endReason": "mutation", "clickCount": 1}),
        breadcrumb("ui.multiClick", data={"clickCount": 3}),
        breadcrumb("ui.multiClick", data={"clickCount": 2}),
        breadcrumb("ui.multiClick", data=None),
        rrweb(5, tag="breadcrumb", payload=[]),
    ]
    _, found = read_recording(recording(events))
    segment = made(read_event(EVENT), found, SCRUBBER)
    assert (segment.clicks, segment.dead_clicks, segment.rage_clicks) == (2, 2, 2)


def test_events_of_other_times_are_left_out_and_deep_pages_stay_whole() -> None:
    """One of another year would make the replay years long; a page of two hundred levels is played as any other."""
    page = rrweb(2, node=nested(400))
    events = [page, rrweb(at=AT * 1000 + SECONDS_MAX * 1000 + 1), rrweb(at=1e12)]
    _, found = read_recording(recording(events))
    segment = made(read_event(EVENT), found, SCRUBBER)
    assert (segment.events, segment.dropped, segment.first_ms, segment.last_ms) == (1, 2, AT * 1000 + 1, AT * 1000 + 1)
    assert orjson.loads(zlib.decompress(segment.content, 31)) == [page]
    deep = breadcrumb("console", data=nested(300))
    _, found = read_recording(recording([deep]))
    assert b"[removed]" in zlib.decompress(made(read_event(EVENT), found, SCRUBBER).content, 31)


def test_the_visitors_browser_is_told_by_its_contexts_or_its_own_words() -> None:
    """What SDKs of servers and apps say goes first."""
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1"  # noqa: E501
    told = client_of({}, safari)
    assert (told.browser, told.os, told.device) == ("Mobile Safari 17", "iOS 17", "iPhone")
    told = client_of(
        {"browser": {"name": "Chrome", "version": "156.0.1"}, "os": "no", "device": {"model": "Pixel"}}, ""
    )
    assert (told.browser, told.os, told.device) == ("Chrome 156", "", "Pixel")


def test_cleaning_takes_time_in_proportion() -> None:
    """Whatever a recording is made of to keep the server busy."""
    for part in ("a=", "token=", "'\\", 'password="\\', "eyJ", "://a", "bearer ", '"a":', "[[", "{", "?a", "&a=b"):
        began = time.perf_counter()
        text = part * (200_000 // len(part))
        SCRUBBER.text(text)
        SCRUBBER.written(text.encode())
        assert time.perf_counter() - began < 5, part
