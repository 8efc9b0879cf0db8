"""What senders without our SDK send is stored as the SDK would have sent it."""

import json
import subprocess
import sys
import time
import uuid
import zlib
from typing import Any

import pytest

from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_rules import LookRule, PrivacyPolicy
from midwatch.contract.redaction.values import Redactor
from tests import bodies
from tests.conftest import KEY as INGEST
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.privacy.conftest import KEY
from tests.integration.privacy.senders import VISIBLE
from tests.integration.replays.segments import event as replay_event
from tests.sentry_project import Project, envelope, event
from tests.unit.sdk.test_redaction_texts import FOUND, HARMLESS

KEYS = HashKeys.of(KEY)


def log(server: Server, service: str, *records: dict[str, Any]) -> None:
    with server.door() as door:
        answer = door.post("/v1/logs", params=VISIBLE, content=bodies.logs(service, records).SerializeToString())
    assert answer.status_code == 200, answer.text


def stored(server: Server, sql: str) -> list[list[Any]]:
    with server.api() as api:
        answer = api.post("/api/v1/sql", json={"query": sql})
    assert answer.status_code == 200, answer.text
    rows: list[list[Any]] = answer.json()["rows"]
    return rows


def test_texts_are_what_the_sdk_makes_of_them(planned: Server) -> None:
    """All vectors of the SDK's patterns, each as the body of a record: the quick look of the store misses none."""
    service = f"s{uuid.uuid4().hex[:8]}"
    texts = list(dict.fromkeys([*(text for text, _ in FOUND), *HARMLESS]))
    log(planned, service, *({"body": text, "attributes": {"n": n}} for n, text in enumerate(texts)))
    redactor = Redactor(PrivacyPolicy(keys=KEYS, region="DE", looks=(LookRule("ip", Action("hash")),)))
    rows = stored(planned, f"SELECT LogAttributes['n'], Body FROM logs WHERE ServiceName = '{service}'")
    assert {int(n): body for n, body in rows} == {n: redactor.text(text) for n, text in enumerate(texts)}


def test_rules_of_the_plan_hold(planned: Server) -> None:
    """By field, signal and service; over the lists."""
    number, iban = "0151 23456789", "DE89370400440532013000"
    fields = {
        "user.phone": number,
        "account.iban": iban,
        "note.text": "a longer text",
        "gone": "x",
        "only.here": "x",
        "street": "Main Street 1",
        "peer": "at 203.0.113.7",
        "paid": "4111 1111 1111 1111",
        "user.mobile": 15123456789,
        "size": 4155552671,
    }
    for service in ("billing", "web"):
        log(planned, service, {"body": "x", "attributes": fields})
    rows = stored(planned, "SELECT ServiceName, LogAttributes FROM logs WHERE ServiceName IN ('billing', 'web')")
    found = {service: values if isinstance(values, dict) else json.loads(values) for service, values in rows}
    hash_of = KEYS.current.hash
    shared = {
        "user.phone": hash_of("+4915123456789"),
        "account.iban": "***3000",
        "note.text": "a lon…",
        "street": "[removed]",
        "peer": f"at {hash_of('203.0.113.7')}",
        "user.mobile": f"[phone {hash_of('+4915123456789')}]",
        "size": "4155552671",
    }
    assert found["billing"] == {**shared, "only.here": hash_of("x"), "paid": "***1111"}
    assert found["web"] == {**shared, "only.here": "x", "paid": "[card]"}


def test_what_was_taken_out_is_told_without_its_values(planned: Server) -> None:
    """By what it was and where it stood; nothing of what it said; and as a series."""
    service, secret = f"s{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    log(
        planned,
        service,
        {"body": f"mail {secret}@leak.example", "attributes": {"password": secret, "sent": "[removed]", "a": "fine"}},
        {"body": f"mail {secret}@leak.example", "attributes": {f"{secret}@leak.example": 1, "token": "[removed]"}},
    )
    with planned.api() as api:
        answer = api.get("/api/v1/privacy/leaks", params={"start": "now-1h"})
        found = {
            (one["found"], one["place"], one["key"]): one["count"]
            for one in answer.json()["leaks"]
            if one["service"] == service
        }
        assert found == {
            ("email", "Body", ""): 2,
            ("key", "LogAttributes", "password"): 1,
            ("email", "LogAttributes", ""): 1,
        }
        assert secret not in answer.text
        line = f'midwatch_leaks_total{{found="email",service="{service}",signal="logs"}} 3.0'
        eventually(lambda: line in api.get("/metrics").text, seconds=30)


def test_what_errors_and_recordings_held_is_told_too(planned: Server) -> None:
    """By place and key, as of all else; and never a value."""
    mark, project = uuid.uuid4().hex[:8], Project(planned, 1, INGEST)
    sent = event(
        f"no mail to {mark}@leak.example",
        type="LeakError",
        tags={"service": mark},
        extra={"password": mark, "n": 5102389123, "was": "[Filtered]"},
        user={"id": f"{mark}@leak.example"},
    )
    replay = uuid.uuid4().hex
    said = replay_event(replay, at=time.time(), urls=[f"https://shop.test/?token={mark}"])
    called = {"op": "resource.fetch", "data": {"request": {"body": {"order": 5102389123, "token": mark}}}}
    recorded = [{"type": 5, "timestamp": time.time() * 1000, "data": {"tag": "performanceSpan", "payload": called}}]
    recording = json.dumps({"segment_id": 0}).encode() + b"\n" + zlib.compress(json.dumps(recorded).encode())
    assert project.post("envelope/", envelope(("event", sent), event_id=sent["event_id"])).status_code == 200
    content = envelope(("replay_event", said), ("replay_recording", recording))
    assert project.post("envelope/", content).status_code == 200

    with planned.api() as api:

        def found() -> dict[tuple[str, str, str, str], int] | None:
            answer = api.get("/api/v1/privacy/leaks", params={"start": "now-1h"})
            assert mark not in answer.text.replace(f'"{mark}"', "")
            told = {
                (one["service"], one["found"], one["place"], one["key"]): one["count"]
                for one in answer.json()["leaks"]
                if one["signal"] == "errors"
            }
            return told if any(place == "replays" for _, _, place, _ in told) and len(told) >= 4 else None

        leaks = eventually(found, seconds=60)
        assert leaks[mark, "email", "exception", "value"] == 1
        assert leaks[mark, "key", "extra", "password"] == 1
        assert leaks[mark, "email", "user", "user.id"] == 1
        assert not any(key.endswith("was") for *_, key in leaks)
        recordings = {(what, key) for _, what, place, key in leaks if place == "replays"}
        assert {("key", "token")} <= recordings
        kept = api.get(f"/api/v1/replays/{replay}/segments/0").json()
        assert kept[0]["data"]["payload"]["data"]["request"]["body"] == {"order": 5102389123, "token": "[removed]"}


def test_domain_events_over_http_are_read_too(planned: Server) -> None:
    """What stands in their objects is cleaned, which stay objects; an entity named by an address is told apart."""
    mark = f"e{uuid.uuid4().hex[:8]}"
    metadata = {"note": "call eve@example.com, +1 415 555 2671", "n": 12, "deep": {"mail": ["bob@example.com"]}}
    sent = {"id": mark, "type": "linkup.locked", "metadata": metadata, "after": {"owner": "ann@example.com"}}
    sent |= {"entity": {"type": "person", "id": f"{mark}@example.com"}, "service": mark}
    sent |= {"before": {"n": 4155552671}}
    with planned.door(content_type="application/json") as door:
        assert door.post("/ingest/events", params=VISIBLE, json=sent).status_code == 200
    told = f"SELECT Metadata, After, EntityId, Before FROM domain_events WHERE ServiceName = '{mark}'"
    ((metadata_text, after, entity, before),) = eventually(lambda: stored(planned, told), seconds=30)
    for text in (metadata_text, after, entity):
        assert "@example.com" not in text, text
    kept = json.loads(metadata_text)
    assert (kept["n"], kept["note"].partition("[")[0]) == (12, "call ")
    assert entity.startswith("[")
    assert len(entity) > len("[email]")
    assert json.loads(before) == {"n": 4155552671}, "a number is no text that looks like a phone's"
    with planned.api() as api:
        leaks = api.get("/api/v1/privacy/leaks").json()["leaks"]
    assert {"domain_events"} == {one["signal"] for one in leaks if one["service"] == mark}


def test_json_is_cleaned_value_by_value(planned: Server) -> None:
    """Lists and maps in whatever comes, by patterns, lists of keys, and rules for fields; all else of them stays."""
    mark = f"j{uuid.uuid4().hex[:8]}"
    private = {
        "order": 5102389123,
        "at": 1764287734,
        "items": [{"iban": "DE89370400440532013000", "n": 1}, {"gone": "x", "n": 2}],
        "mail": "ann@leak.example",
        "password": "q1w2e3",
        "sure": True,
    }
    kept = {
        "order": 5102389123,
        "at": 1764287734,
        "items": [{"iban": "***3000", "n": 1}, {"n": 2}],
        "mail": f"[email {KEYS.current.hash('ann@leak.example')}]",
        "password": "[removed]",
        "sure": True,
    }
    flat = {name: value for name, value in private.items() if name != "items"}
    flat_kept = {name: value for name, value in kept.items() if name != "items"}
    log(
        planned,
        mark,
        {"body": flat, "attributes": {"account": flat, "text": json.dumps(private), "listed": [1, "a@b.example"]}},
    )
    line = {"msg": "x", "service": mark, "account": {"deep": private}}
    bare = {"service": mark, "note": {"deep": private}}
    with planned.door(content_type="application/x-ndjson") as door:
        content = "\n".join(map(json.dumps, (line, bare)))
        assert door.post("/ingest/ndjson", params=VISIBLE, content=content).status_code == 200
    event = {
        "id": mark,
        "type": "a.b",
        "service": mark,
        "entity": {"type": "order", "id": "1"},
        "metadata": {"account": private},
    }
    with planned.door(content_type="application/json") as door:
        assert door.post("/ingest/events", params=VISIBLE, json=event).status_code == 200
    captured = {"api_key": INGEST, "event": mark, "distinct_id": mark, "properties": {"account": private}}
    with planned.door(content_type="application/json") as door:
        assert door.post("/capture/", params=VISIBLE, json=captured).status_code == 200

    rows = stored(
        planned, f"SELECT Body, LogAttributes FROM logs WHERE ServiceName = '{mark}' ORDER BY Body = 'x', Timestamp"
    )
    (otlp, rebuilt, named) = [(body, one if isinstance(one, dict) else json.loads(one)) for body, one in rows]
    assert json.loads(otlp[0]) == flat_kept
    assert json.loads(otlp[1]["account"]) == flat_kept
    # Within a text that is JSON the path begins anew.
    assert json.loads(otlp[1]["text"]) == kept | {"items": [{"iban": "[removed]", "n": 1}, {"n": 2}]}
    assert json.loads(otlp[1]["listed"])[0] == 1
    assert json.loads(named[1]["account.deep"]) == kept
    assert json.loads(rebuilt[0])["note.deep"]["order"] == 5102389123
    ((told,),) = stored(planned, f"SELECT Metadata FROM domain_events WHERE ServiceName = '{mark}'")
    assert json.loads(told) == {"account": kept}
    ((told,),) = stored(planned, f"SELECT Properties['account'] FROM product_events WHERE Event = '{mark}'")
    assert json.loads(told) == kept


def test_more_than_there_is_time_for_is_removed_as_a_whole(planned: Server) -> None:
    """Above the bound on a segment's cells nothing is stored of what was not read, and that is told."""
    service = f"s{uuid.uuid4().hex[:8]}"
    long = "x" * (70 << 10) + " ann@leak.example"
    log(planned, service, {"body": long}, {"body": "fine"})
    bodies_of = {body for (body,) in stored(planned, f"SELECT Body FROM logs WHERE ServiceName = '{service}'")}
    assert bodies_of == {"[removed]", "fine"}
    with planned.api() as api:
        leaks = api.get("/api/v1/privacy/leaks", params={"start": "now-1h"}).json()["leaks"]
    assert [one["found"] for one in leaks if one["service"] == service] == ["unread"]


def erase(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "midwatch", "erase", *arguments, "--data", str(server.data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)


@pytest.mark.faults
@pytest.mark.timeout(420)
def test_a_person_is_erased_from_everything(planned: Server) -> None:
    """A dry run tells what is there and removes nothing; then nothing is left, which the same search shows."""
    user, other = f"customer-{uuid.uuid4().hex[:10]}", f"customer-{uuid.uuid4().hex[:10]}"
    project = Project(planned, 1, INGEST)
    for one in (user, other):
        log(planned, "shop", {"body": f"order of {one} paid", "attributes": {"user.id": one}})
        span = bodies.span(name="pay", attributes={"user.id": one})
        span.events.add(name="exception", time_unix_nano=time.time_ns()).attributes.extend(
            bodies.attributes({"exception.type": "E", "exception.message": f"no money for {one}"})
        )
        with planned.door() as door:
            assert door.post("/v1/traces", params=VISIBLE, content=bodies.traces("shop", [span]).SerializeToString())
        sent = event(f"cannot pay for {one}", user={"id": one}, type="PayError")
        assert project.post("envelope/", envelope(("event", sent), event_id=sent["event_id"])).status_code == 200
    project.issues(count=1, query="PayError")
    told = "SELECT EventId FROM error_events WHERE Type = 'PayError'"
    eventually(lambda: len(stored(planned, told)) == 2 or None, seconds=40)

    looked = erase(planned, "--user", user, "--dry-run")
    assert looked.returncode == 0, looked.stderr
    assert {"logs", "spans", "error_events"} <= {line.split()[0] for line in looked.stdout.splitlines()[1:]}
    assert stored(planned, f"SELECT count() FROM logs WHERE LogAttributes['user.id'] = '{user}'") == [[1]]

    done = erase(planned, "--user", user, "--reason", f"{user} asked for it", "--yes")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "nothing is left" in done.stderr
    for table, column in (("logs", "LogAttributes['user.id']"), ("spans", "SpanAttributes['user.id']")):
        assert stored(planned, f"SELECT {column} FROM {table} WHERE {column} IN ('{user}', '{other}')") == [[other]]
    again = erase(planned, "--user", user, "--dry-run")
    assert "nothing tells of it" in again.stdout
    assert user not in (planned.data / "server.log").read_text()
    refused = erase(planned, "--user", "ab", "--dry-run")
    assert refused.returncode == 1
