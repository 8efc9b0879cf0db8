"""What is sent is what is kept: types, odd times, limits, privacy, sampling weights. Through the doors, to the API."""

import uuid

import pytest

from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

WAIT = {"wait": "visible"}
DAY_NS = 86_400_000_000_000


def send_log(server: Server, service: str, record: dict[str, object], **resource: object) -> None:
    with server.door() as door:
        answer = door.post(
            "/v1/logs", params=WAIT, content=bodies.logs(service, [record], **resource).SerializeToString()
        )
        assert answer.status_code == 200, answer.text


def send_lines(server: Server, lines: str) -> int:
    with server.door(content_type="application/x-ndjson") as door:
        answer = door.post("/ingest/ndjson", params=WAIT, content=lines)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["accepted"])


def rows(server: Server, service: str, query: str = "", **params: str) -> list[dict[str, object]]:
    with server.api() as api:
        answer = api.get(
            "/api/v1/logs", params={"query": f"service:{service} {query}", "start": "1900-01-02T00:00:00Z", **params}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["rows"]


def name() -> str:
    return f"kept-{uuid.uuid4().hex[:8]}"


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "",
        "0",
        "⚓ Ünïcödé",
        0,
        7,
        -1,
        2**62,
        True,
        False,
        0.0,
        0.5,
        -1e300,
        ["a", 1, False, 2.5],
        [],
        {"k": "v"},
    ],
)
def test_an_attribute_keeps_its_value_and_type(server: Server, value: object) -> None:
    """Every kind of AnyValue, the zero values included, comes back as it was sent."""
    service = name()
    send_log(server, service, {"body": "x", "attributes": {"value": value}})
    found = rows(server, service)[0]["attributes"]["value"]
    assert found == value
    assert type(found) is type(value)


def test_numbers_are_compared_as_numbers(server: Server) -> None:
    """9 is less than 10, as a number and not as text."""
    service = name()
    send_log(server, service, {"body": "nine", "attributes": {"n": 9}})
    send_log(server, service, {"body": "ten", "attributes": {"n": 10}})
    assert [row["body"] for row in rows(server, service, "n:>=10")] == ["ten"]
    assert [row["body"] for row in rows(server, service, "n:<10")] == ["nine"]


def test_a_body_over_many_days_and_centuries_is_stored(server: Server) -> None:
    """400 days, the year before 1970 over NDJSON, and 2200: every item is there."""
    service = name()
    start = 1_600_000_000_000_000_000
    moments = [start + day * DAY_NS for day in range(405)] + [7_258_118_400_000_000_000]
    records = [{"body": str(moment), "time_unix_nano": moment} for moment in moments]
    send_lines(server, f'{{"timestamp":"1969-07-20T20:17:40Z","service":"{service}","msg":"landed"}}')
    with server.door() as door:
        sent = door.post("/v1/logs", params=WAIT, content=bodies.logs(service, records).SerializeToString())
        assert sent.status_code in (200, 202), sent.text  # 202: taken, and not visible in the time that is waited for

    def whole() -> list[dict[str, object]] | None:
        there = rows(server, service, limit="1000", end="2262-01-01T00:00:00Z")
        return there if len(there) == len(moments) + 1 else None

    found = eventually(whole, seconds=60)
    assert found[0]["timestamp"].startswith("2200-01-01")
    assert found[-1]["timestamp"].startswith("1969-07-20T20:17:40")


def test_private_values_never_land(server: Server) -> None:
    """Values under denied keys are removed in attributes, resources, events and NDJSON; token counts stay."""
    service, secret = name(), f"hunter2-{uuid.uuid4().hex}"
    denied = {"user.password": secret, "http.request.header.authorization": secret, "apiKey": secret}
    send_log(server, service, {"body": "x", "attributes": {**denied, "gen_ai.usage.input_tokens": 5}}, api_key=secret)
    spans = [bodies.span(attributes=denied)]
    spans[0].events.add(name="e", time_unix_nano=spans[0].start_time_unix_nano).attributes.extend(
        bodies.attributes(denied)
    )
    with server.door() as door:
        door.post("/v1/traces", params=WAIT, content=bodies.traces(service, spans).SerializeToString())
        line = f'{{"service":"{service}","msg":"y","headers":{{"cookie":"{secret}"}},"password":"{secret}"}}'
    send_lines(server, line)
    found = rows(server, service)
    assert all(row["attributes"].get("user.password", "[removed]") == "[removed]" for row in found)
    assert found[-1]["attributes"]["gen_ai.usage.input_tokens"] == 5
    with server.api() as api:
        for table in ("logs", "spans", "set_aside"):
            dump = api.post("/api/v1/sql", json={"query": f"SELECT * FROM {table}", "limit": 10000}).text
            assert secret not in dump


def test_limits_cut_count_and_say_so(server: Server) -> None:
    """A 10 MB attribute and a thousand attributes are cut, the record is kept, and limits hit tells."""
    service = name()
    many = {f"k{index}": index for index in range(1000)}
    send_log(server, service, {"body": "big", "attributes": {"big": "x" * 10_000_000}})
    send_log(server, service, {"body": "many", "attributes": many})
    send_log(server, service, {"body": "zero", "time_unix_nano": 0})
    found = {row["body"]: row for row in rows(server, service)}
    assert len(found["big"]["attributes"]["big"]) == 32 * 1024
    assert found["big"]["adjustments"] == ["attribute_truncated"]
    assert len(found["many"]["attributes"]) == 256
    assert found["many"]["adjustments"] == ["attributes_dropped"]
    assert found["zero"]["adjustments"] == ["time_missing"]
    with server.api() as api:
        hits = {hit["reason"]: hit for hit in api.get("/api/v1/system/limits").json()["hits"]}
    assert {"attribute_truncated", "attributes_dropped", "time_missing"} <= hits.keys()
    assert hits["attribute_truncated"]["key"] == "first key"


def test_rates_are_the_same_at_ten_per_cent_sampling(server: Server) -> None:
    """A span with `ot=th:e666…` stands for ten: the service table shows the same rate as without sampling."""
    full, sampled = name(), name()
    threshold = "ot=th:e6666666666666"
    with server.door() as door:
        for service, count, state in ((full, 400, ""), (sampled, 40, threshold)):
            spans = [bodies.span(trace_state=state) for _ in range(count)]
            sent = door.post("/v1/traces", params=WAIT, content=bodies.traces(service, spans).SerializeToString())
            assert sent.status_code == 200
    with server.api() as api:
        services = {found["name"]: found for found in api.get("/api/v1/services").json()["services"]}
    assert services[sampled]["requests"] == pytest.approx(services[full]["requests"], rel=0.05)
    assert services[sampled]["p95_ms"] == pytest.approx(services[full]["p95_ms"], rel=0.05)


def test_an_environment_of_the_key_wins(server: Server) -> None:
    """A key that names an environment fixes it; what was sent is kept as an attribute."""
    service = name()
    with server.api() as api:
        key = api.post("/api/v1/keys", json={"name": "staging key", "environment": "staging"}).json()["key"]
    with server.door(key) as door:
        body = bodies.logs(service, [{"body": "x"}], **{"deployment.environment.name": "prod"}).SerializeToString()
        assert door.post("/v1/logs", params=WAIT, content=body).status_code == 200
    found = rows(server, service)[0]
    assert found["environment"] == "staging"
    assert found["resource"]["midwatch.sent.environment"] == "prod"
    assert rows(server, service, "-env:staging") == []


def test_items_older_than_the_retention_are_set_aside(own_server: Server) -> None:
    """They are counted and kept apart, never silently dropped."""
    service = name()
    send_log(own_server, service, {"body": "old", "time_unix_nano": 1_600_000_000_000_000_000})
    send_log(own_server, service, {"body": "new"})
    assert [row["body"] for row in rows(own_server, service)] == ["new"]
    with own_server.api() as api:
        aside = api.post("/api/v1/sql", json={"query": "SELECT Reason, Item FROM set_aside"}).json()["rows"]
        assert aside[0][0] == "too_old"
        assert '"old"' in aside[0][1]
        assert [hit["reason"] for hit in api.get("/api/v1/system/limits").json()["hits"]] == ["too_old"]


NDJSON = [
    ('{"level":50,"time":1700000000123,"msg":"pino","err":{"type":"E","message":"m","stack":"s"}}', "error", "pino"),
    ('{"event":"structlog","level":"warning","timestamp":"2023-11-14T22:13:20.123Z"}', "warn", "structlog"),
    (
        '{"EventTimestampMs":1700000000123,"Outcome":"ok","ScriptName":"worker","message":"logpush"}',
        "unknown",
        "logpush",
    ),
    ('{"timestamp":1700000000123,"message":"vercel","source":"lambda","level":"info"}', "info", "vercel"),
    ('{"timestamp":"2023-11-14T22:13:20.123Z","severity":"ERROR","message":"plain"}', "error", "plain"),
    ('{"ts":1700000000.123,"level":"debug","msg":"zap"}', "debug", "zap"),
    ("not json at all", "unknown", "not json at all"),
]


@pytest.mark.parametrize(("line", "level", "body"), NDJSON, ids=[item[2] for item in NDJSON])
def test_log_lines_of_many_loggers_are_understood(server: Server, line: str, level: str, body: str) -> None:
    """Time, level and message are recognised under the names that each logger uses."""
    marker = f"m{uuid.uuid4().hex[:8]}"
    sent = line[:-1] + f',"marker":"{marker}"}}' if line.startswith("{") else f"{line} {marker}"
    assert send_lines(server, sent) == 1
    with server.api() as api:
        query = f"marker:{marker}" if line.startswith("{") else marker
        found = api.get("/api/v1/logs", params={"query": query, "start": "2023-01-01T00:00:00Z"}).json()["rows"][0]
    assert found["level"] == level
    assert found["body"] == (body if line.startswith("{") else sent)
    if line.startswith("{"):
        assert found["timestamp"].startswith("2023-11-14T22:13:20.123")


@pytest.mark.parametrize(
    "query", ["SELECT NoSuchColumn FROM spans", "SELECT toString(1, 2, 3)", "SELECT repeat('a', 1000000000)"]
)
def test_a_statement_that_the_store_refuses_is_its_authors(server: Server, query: str) -> None:
    """What no waiting mends is a 400 with the store's words, not a 503."""
    with server.api() as api:
        answer = api.post("/api/v1/sql", json={"query": query})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "bad_query"
