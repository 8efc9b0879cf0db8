"""Fields that the plan keeps shorter than their rows: of old rows they go from answers and from the disk."""

import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import bodies
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.privacy.decoded import Search
from tests.sentry_project import Project, envelope, event

# The store takes up to five minutes until parts that are no longer read are off the disk.
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
DAY = 86_400
OLD, YOUNG = 9 * DAY, 5 * DAY
KEPT = ("--retention", "traces=0,logs=0,metrics=0,errors=0,events=0,domain_events=0")
PLAN = {
    "privacy": {
        "retention_classes": [{"name": "short", "days": 7}, {"name": "month", "days": 30}],
        "fields": [
            {"field": "search.text", "retention": "short"},
            {"field": "other.text", "retention": "month"},
            {"field": "of.billing", "retention": "short", "services": ["billing"]},
            {"field": "of.traces", "retention": "short", "signals": ["traces"]},
        ],
    }
}


def _values(said: dict[str, str], age: int, place: str) -> dict[str, Any]:
    """`said` gets what was planted: a word, and the field it is in."""

    def word(field: str) -> str:
        made = f"word{uuid.uuid4().hex}"
        said[made] = f"{'old' if age == OLD else 'young'} {place} {field}"
        return made

    return {name: word(name) for name in ("search.text", "other.text", "of.billing", "of.traces")}


def _everything(server: Server, age: int) -> dict[str, str]:
    """One row of each kind, of that age; the words, with what they are."""
    said: dict[str, str] = {}
    at = time.time() - age
    at_ns = int(at * 1e9)
    written = datetime.fromtimestamp(at, UTC).isoformat()
    span = bodies.span(start_time_unix_nano=at_ns, attributes={**_values(said, age, "span"), "left": 7, "search.n": 1})
    told = span.events.add(name="happened", time_unix_nano=at_ns)
    told.attributes.extend(bodies.attributes(_values(said, age, "span event")))
    resource = _values(said, age, "resource")
    request = bodies.traces("api", [span], **resource)
    record = {
        # Maps within maps are no part of a body: its keys are paths.
        "body": _values(said, age, "log body"),
        "time_unix_nano": at_ns,
        "attributes": {**_values(said, age, "log"), "left": "here"},
    }
    with server.door() as door:
        for path, message in (("traces", request), ("logs", bodies.logs("api", [record]))):
            answer = door.post(f"/v1/{path}", content=message.SerializeToString())
            assert answer.status_code == 200, answer.text
    sent = event(
        "boom",
        timestamp=at,
        tags=_values(said, age, "error tag"),
        extra={"search": _values(said, age, "error extra"), "deep": [{"x": _values(said, age, "error deep")}]},
    )
    assert (
        Project(server, 1, KEY).post("envelope/", envelope(("event", sent), event_id=sent["event_id"])).status_code
        == 200
    )
    product = {
        "event": "searched",
        "distinct_id": "somebody",
        "timestamp": written,
        "properties": _values(said, age, "product event"),
    }
    assert httpx.post(f"{server.url}/batch/", json={"api_key": KEY, "batch": [product]}, timeout=30).status_code == 200
    happened = {
        "id": uuid.uuid4().hex,
        "type": "order.placed",
        "time": written,
        "entity": {"type": "order", "id": f"{age}"},
        "metadata": _values(said, age, "domain event"),
        "after": {"inner": _values(said, age, "domain event after")},
    }
    with server.door(content_type="application/json") as door:
        answer = door.post("/ingest/events", content=json.dumps([happened]))
        assert answer.status_code == 200, answer.text
    return said


def _asked(server: Server, query: str) -> list[list[Any]]:
    with server.api() as api:
        answer = api.post("/api/v1/sql", json={"query": query})
    assert answer.status_code == 200, answer.text
    rows: list[list[Any]] = answer.json()["rows"]
    return rows


ROWS = {"spans": 2, "logs": 2, "error_events": 2, "product_events": 2, "domain_events": 2}


def _counts(server: Server) -> dict[str, int]:
    return {table: int(_asked(server, f"SELECT count() FROM {table}")[0][0]) for table in ROWS}


def _missing(server: Server, said: dict[str, str]) -> set[str] | None:
    """What is nowhere on the disk; None where the store removed a file meanwhile, so that it is to be looked again."""
    try:
        found = Search({word.encode(): word for word in said}).in_directory(server.data)
    except FileNotFoundError:
        return None
    return {what for word, what in said.items() if word not in found}


def _apply(server: Server, plan: dict[str, Any]) -> None:
    with server.api() as api:
        answer = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": json.dumps(plan)}}).json()
    assert answer["ok"], answer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path / "data", options=KEPT).start()
    yield started
    started.stop()


def _due(said: dict[str, str]) -> set[str]:
    """What is to go: of old rows the short field, and in spans what is of traces."""
    return {
        one
        for one in said.values()
        if one.startswith("old")
        and (one.endswith("search.text") or (one.endswith("of.traces") and one.split()[1] in ("span", "resource")))
    }


def test_old_rows_lose_them_in_answers_and_on_the_disk_and_young_ones_do_not(server: Server) -> None:
    """Spans, records, errors, product and domain events; in attributes, resources, span events, bodies and JSON."""
    said = _everything(server, OLD) | _everything(server, YOUNG)
    eventually(lambda: _counts(server) == ROWS, seconds=60)
    eventually(lambda: _missing(server, said) == set(), seconds=40)
    _apply(server, PLAN)
    eventually(lambda: "fields.emptied" in server.output(), seconds=60)
    eventually(lambda: _missing(server, said) == _due(said), seconds=420)
    assert _counts(server) == ROWS
    with server.api() as api:
        lines = api.get("/api/v1/logs/export", params={"format": "ndjson", "start": "now-20d"}).text
        metrics = api.get("/metrics").text
        verdict = api.get("/api/v1/events/verify").json()
    shown = {what for word, what in said.items() if word in lines}
    assert "old log search.text" not in shown
    assert {"young log search.text", "old log other.text"} <= shown
    found = _asked(
        server,
        "SELECT SpanAttributes['search.text'] = '', SpanAttributes['left'],"
        " length(SpanAttributeTypes) = length(SpanAttributes) FROM spans ORDER BY Timestamp",
    )
    assert [[bool(one[0]), one[1], bool(one[2])] for one in found] == [[True, "7", True], [False, "7", True]]
    assert 'midwatch_fields_emptied_total{table="logs"} 1' in metrics
    assert (verdict["problem"], verdict["expired"], verdict["events"]) == (None, 1, 1)


def test_a_kill_in_the_midst_of_it_and_rows_that_come_late(server: Server) -> None:
    """Killed as soon as it begins, it is done after the next start; an old row that comes then loses its field, too."""
    said = _everything(server, OLD)
    eventually(lambda: _counts(server) == dict.fromkeys(ROWS, 1), seconds=60)
    _apply(server, PLAN)
    server.kill()
    server.start()
    eventually(lambda: _missing(server, said) == _due(said), seconds=420)
    with server.api() as api:
        assert api.get("/api/v1/events/verify").json()["problem"] is None
    late = _everything(server, OLD)
    eventually(lambda: _counts(server) == ROWS, seconds=60)
    server.stop()
    server.start()
    eventually(lambda: _missing(server, late) == _due(late), seconds=420)
    lines = [line for line in server.output().splitlines() if "fields.emptied" in line]
    server.stop()
    server.start()
    time.sleep(5)
    assert [line for line in server.output().splitlines() if "fields.emptied" in line] in (lines, []), "done once"
