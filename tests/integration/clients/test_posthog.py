"""posthog-python, unmodified; and the doors as raw requests: keys, packings, origins, what is said of bad bodies."""

import base64
import gzip
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from posthog import Posthog
from tests.conftest import KEY, Server
from tests.eventually import eventually


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as found:
        yield found


def listed(server: Server, who: str) -> list[dict[str, Any]]:
    with server.api() as api:
        answer = api.get("/api/v1/analytics/events", params={"query": f'distinct_id:"{who}"'})
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()["events"]
        return events


@pytest.mark.parametrize("mode", ["v0", "v1"])
def test_what_the_python_sdk_captures_arrives(server: Server, mode: str) -> None:
    """By both of its protocols, packed: events, identities, persons, flags; nothing fails, nothing comes twice."""
    who, failed = f"py-{uuid.uuid4().hex[:8]}", []
    posthog = Posthog(
        KEY,
        host=server.url,
        gzip=True,
        capture_mode=mode,
        capture_compression="gzip",
        on_error=lambda error, _: failed.append(error),
        flush_interval=0.1,
    )
    try:
        assert posthog.get_all_flags(who) == {}
        assert not posthog.evaluate_flags(who).is_enabled("new-checkout")
        properties = {"plan": "pro", "amount": 3, "ratio": 0.5, "ok": True, "tags": ["a"], "none": None}
        hidden = {"password": "hunter2", "deep": {"api_key": "x"}, "trace_id": "0af7651916cd43dd8448eb211c80319c"}
        posthog.capture("generate fix", distinct_id=who, properties={**properties, **hidden, "$feature/new": "test"})
        posthog.set(distinct_id=who, properties={"email": f"{who}@example.com", "secret": "s"})
        posthog.alias(previous_id=who, distinct_id=f"{who}-other")
        posthog.capture("generate fix", distinct_id=f"{who}-other", uuid=str(uuid.uuid4()))
        posthog.flush()
    finally:
        posthog.shutdown()
    assert failed == []

    def arrived() -> dict[str, Any] | None:
        with server.api() as api:
            person = api.get(f"/api/v1/analytics/people/{who}-other").json()
        # Its own calls of flags are events, too.
        clicks = [one for one in person["latest"] if one["event"] == "generate fix"]
        return {**person, "clicks": clicks} if len(clicks) == 2 else None

    person = eventually(arrived)
    assert set(person["distinct_ids"]) == {who, f"{who}-other"}
    assert person["properties"] == {"email": "[email]", "secret": "[removed]"}
    click = next(one for one in person["clicks"] if one["distinct_id"] == who)
    kept = {name: click["properties"][name] for name in ("plan", "amount", "ratio", "ok", "tags", "password", "deep")}
    assert kept == {
        **{name: value for name, value in properties.items() if value is not None},
        "password": "[removed]",
        "deep": {"api_key": "[removed]"},
    }
    assert (click["trace_id"], click["flags"]) == (hidden["trace_id"], {"new": "test"})
    assert click["properties"]["$lib"] == "posthog-python"
    assert abs(time.time() - _seconds(click["timestamp"])) < 60


def _seconds(text: str) -> float:
    return time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone


@pytest.mark.parametrize("path", ["/capture/", "/capture", "/batch", "/e/", "/i/v0/e/", "/i/v0/ai/batch/", "/track"])
def test_every_door_takes_events(server: Server, client: httpx.Client, path: str) -> None:
    """With the key in the body; the second time it is a retry."""
    who = f"door-{uuid.uuid4().hex[:8]}"
    event = {"event": "opened", "distinct_id": who, "uuid": str(uuid.uuid4()), "properties": {"token": KEY}}
    for _ in range(2):
        answer = client.post(path, params={"wait": "visible"}, json=event)
        assert (answer.status_code, answer.json()) == (200, {"status": 1, "accepted": 1})
    (found,) = listed(server, who)
    assert (found["event"], found["properties"]) == ("opened", {})


def test_engage_sets_properties_of_a_person(server: Server, client: httpx.Client) -> None:
    """As older SDKs do it; `$set_once` keeps its first value, `$set` its last."""
    who = f"engage-{uuid.uuid4().hex[:8]}"
    for number, sent in enumerate(
        [{"$set_once": {"first": "a"}, "$set": {"last": "a"}}, {"$set_once": {"first": "b"}}]
    ):
        body = {"$token": KEY, "$distinct_id": who, "timestamp": f"2026-01-0{number + 1}T00:00:00Z", **sent}
        assert client.post("/engage", params={"wait": "visible"}, json=body).status_code == 200
    with server.api() as api:
        assert api.get(f"/api/v1/analytics/people/{who}").json()["properties"] == {"first": "a", "last": "a"}


@pytest.mark.parametrize(
    ("content", "headers", "params"),
    [
        (gzip.compress(b"%s", mtime=0), {"content-encoding": "gzip"}, {}),
        (b"data=%s", {"content-type": "application/x-www-form-urlencoded"}, {"compression": "base64"}),
    ],
)
def test_packings(
    server: Server, client: httpx.Client, content: bytes, headers: dict[str, str], params: dict[str, str]
) -> None:
    """Of HTTP, and of PostHog; a beacon's `text/plain` is in the table of bodies."""
    who = f"packed-{uuid.uuid4().hex[:8]}"
    text = json.dumps({"api_key": KEY, "event": "packed", "distinct_id": who}).encode()
    body = gzip.compress(text, mtime=0) if headers.get("content-encoding") else content % base64.b64encode(text)
    answer = client.post("/e/", params={**params, "wait": "visible"}, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert len(listed(server, who)) == 1


@pytest.mark.parametrize(
    ("content", "headers", "status", "said"),
    [
        (b"", {"x-midwatch-key": KEY}, 400, "the body is empty"),
        (b"{", {"x-midwatch-key": KEY}, 400, "expected JSON"),
        (b"{", {}, 401, "none can be read from its body: cannot read the events: expected JSON"),
        (b'{"event": "a", "distinct_id": "u"}', {}, 401, "no ingest key"),
        (b'{"event": "a", "distinct_id": "u", "api_key": "phc_unknown"}', {}, 401, "not known"),
        (b'{"event": "a"}', {"x-midwatch-key": KEY}, 400, "distinct_id: expected whose event it is"),
        (b"[]", {"x-midwatch-key": KEY}, 400, "found an empty array"),
        (b"x", {"x-midwatch-key": KEY, "content-encoding": "lzw"}, 415, "content-encoding='lzw'"),
        (b"x", {"x-midwatch-key": KEY, "content-encoding": "gzip"}, 400, "cannot unpack the body"),
        (gzip.compress(b" " * (21 << 20), mtime=0), {"x-midwatch-key": KEY}, 413, "over 20 MiB once unpacked"),
        (b"[" * 100_000, {"x-midwatch-key": KEY}, 400, "expected JSON"),
    ],
)
def test_a_bad_body_is_told_why(
    client: httpx.Client, content: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    """In `detail`, which PostHog's SDKs log."""
    answer = client.post("/batch/", content=content, headers=headers)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text


def test_good_events_are_kept_beside_bad_ones(server: Server, client: httpx.Client) -> None:
    """And the sender hears which were not; with results by event where an SDK wants them."""
    who = f"some-{uuid.uuid4().hex[:8]}"
    batch = [{"event": "good", "distinct_id": who, "uuid": f"{who}-1"}, {"event": "bad", "uuid": f"{who}-2"}]
    answer = client.post("/batch", params={"wait": "visible"}, json={"api_key": KEY, "batch": batch}).json()
    assert (answer["accepted"], answer["refused"], answer["errors"][0]["index"]) == (1, 1, 1)
    bearer = {"authorization": f"Bearer {KEY}"}
    answer = client.post("/i/v1/analytics/events", json={"batch": batch}, headers=bearer).json()
    assert answer["results"][f"{who}-1"] == {"result": "ok"}
    assert answer["results"][f"{who}-2"]["result"] == "drop"
    assert len(listed(server, who)) == 1


def test_a_clock_that_is_wrong_is_corrected(server: Server, client: httpx.Client) -> None:
    """By when the sender says that it sent; an offset counts from when it came."""
    who, day = f"clock-{uuid.uuid4().hex[:8]}", 86400
    sent = time.time() - 400 * day
    batch = [{"event": "early", "distinct_id": who, "timestamp": sent - 60}]
    body = {"api_key": KEY, "batch": batch, "sent_at": sent}
    assert client.post("/batch", params={"wait": "visible"}, json=body).status_code == 200
    late = {"api_key": KEY, "event": "offset", "distinct_id": who, "offset": 120_000}
    assert client.post("/e/", params={"wait": "visible"}, json=late).status_code == 200
    ages = {one["event"]: time.time() - _seconds(one["timestamp"]) for one in listed(server, who)}
    assert ages == {"early": pytest.approx(60, abs=20), "offset": pytest.approx(120, abs=20)}


def test_what_is_ten_years_old_is_set_aside(server: Server, client: httpx.Client) -> None:
    """Beyond the retention of events, which is a year; counted under Settings."""
    body = {"api_key": KEY, "event": "old", "distinct_id": "old", "timestamp": "2016-01-01T00:00:00Z"}
    assert client.post("/e/", params={"wait": "visible"}, json=body).status_code == 200
    with server.api() as api:
        hits = api.get("/api/v1/system/limits").json()["hits"]
        assert ("events", "too_old") in {(one["signal"], one["reason"]) for one in hits}
        status = {one["signal"]: one for one in api.get("/api/v1/system/status").json()["signals"]}
        assert status["events"]["retention_days"] == 365


def test_pages_may_ask(client: httpx.Client) -> None:
    """With a preflight; what SDKs ask for beside has no flags, and recordings off."""
    origin = {"origin": "https://shop.example"}
    asked = client.options("/e/", headers={**origin, "access-control-request-method": "POST"})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == origin["origin"]
    config = client.get(f"/array/{KEY}/config", headers=origin)
    assert (config.json()["sessionRecording"], config.json()["hasFeatureFlags"]) == (False, False)
    assert config.headers["access-control-allow-origin"] == origin["origin"]
    script = client.get("/array/%3C/script%3E/config.js")
    assert script.status_code == 404 or "</script>" not in script.text
    assert client.post("/flags/", params={"v": "2"}, json={"token": KEY}, headers=origin).json()["flags"] == {}
    assert client.post("/decide/", params={"v": "3"}, json={"token": KEY}).json()["featureFlags"] == {}
    assert client.post("/s/", content=b"x").json()["code"] == "recording_not_taken"
