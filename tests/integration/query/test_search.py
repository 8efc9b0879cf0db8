"""The search language over records and spans, asked from outside: each search finds what it says, and only that."""

import uuid

import pytest
from tests import bodies
from tests.conftest import Server
from tests.integration.query.conftest import SendLogs, now_ns

RECORDS = {
    "plain": {"body": "payment accepted", "severity_number": 9, "attributes": {"user.id": "u-1", "n": 5, "ms": 1.5}},
    "error": {
        "body": "Payment FAILED: card declined",
        "severity_number": 17,
        "attributes": {"user.id": "u-2", "n": 50},
    },
    "warn": {"body": "retrying payment", "severity_number": 13, "attributes": {"route": "/sessions/:id", "n": -3}},
    "quote": {"body": 'said "hello" (twice)', "severity_number": 9, "attributes": {"path": "C:\\temp", "ok": True}},
    "umlaut": {"body": "größe überschritten", "severity_number": 5, "attributes": {"ünï": "wert"}},
    "colon": {"body": "time 12:30:00", "severity_number": 1, "attributes": {"url": "https://x.example/a?b=1"}},
}


@pytest.fixture(scope="module")
def service(server: Server) -> str:
    name = f"search{uuid.uuid4().hex[:8]}"
    records = [{**fields, "event_name": key, "time_unix_nano": now_ns()} for key, fields in RECORDS.items()]
    with server.door() as door:
        body = bodies.logs(name, records, **{"host.name": "web-1"}).SerializeToString()
        assert door.post("/v1/logs", params={"wait": "visible"}, content=body).status_code == 200
    return name


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "plain error warn quote umlaut colon"),
        ("payment", "plain error warn"),
        ("PAYMENT", "plain error warn"),
        ('"payment failed"', "error"),
        ('"failed payment"', ""),
        ("pay*", "plain error warn"),
        ("payment -failed", "plain warn"),
        ("payment AND NOT retrying", "plain error"),
        ("accepted OR declined", "plain error"),
        ("(accepted OR declined) -level:error", "plain"),
        ("level:error", "error"),
        ("level:>=warn", "error warn"),
        ("level:<info", "umlaut colon"),
        ("user.id:u-1", "plain"),
        ("user.id:u-*", "plain error"),
        ("user.id:*", "plain error"),
        ("-user.id:*", "warn quote umlaut colon"),
        ("user.id:(u-1 OR u-2)", "plain error"),
        ("n:5", "plain"),
        ("n:>5", "error"),
        ("n:[0 TO 5]", "plain"),
        ("n:<0", "warn"),
        ("n:-3", "warn"),
        ("ms:1.5", "plain"),
        ("ok:true", "quote"),
        ('route:"/sessions/:id"', "warn"),
        ("route:/sessions/:id", "warn"),
        ('url:"https://x.example/a?b=1"', "colon"),
        ('body:"said \\"hello\\""', "quote"),
        ("größe", "umlaut"),
        ("event:warn", "warn"),
        ("event_name:warn", "warn"),
        ("severity:>=13", "error warn"),
        ("resource.host.name:web-1 level:warn", "warn"),
        ("host.name:web-1 level:warn", "warn"),
        ("host.name:web-2", ""),
        ("nothing.of.this.name:x", ""),
    ],
)
def test_a_search_of_records_finds_what_it_says(server: Server, service: str, query: str, found: str) -> None:
    """Words, phrases, fields, numbers, ranges, negation, groups, wildcards and existence."""
    with server.api() as api:
        answer = api.get("/api/v1/logs", params={"query": f"service:{service} {query}", "limit": 100})
        assert answer.status_code == 200, answer.text
        rows = answer.json()["rows"]
        histogram = api.get("/api/v1/logs/histogram", params={"query": f"service:{service} {query}"}).json()
    assert sorted(row["event_name"] for row in rows) == sorted(found.split())
    assert histogram["total"] == len(rows) == sum(sum(one["counts"].values()) for one in histogram["buckets"])


@pytest.mark.parametrize(
    ("query", "column", "says"),
    [
        ('service:api "never closed', 13, "never closed"),
        ("level:loud", 7, "expected one of"),
        ("n:>abc", 3, "expected a number"),
        ("(a OR", 6, "ends too early"),
        (">5", 1, "needs a field"),
        ("n:=5", 3, "expected n:5"),
    ],
)
def test_wrong_syntax_says_where_and_what(server: Server, query: str, column: int, says: str) -> None:
    """A 400 with the column, and with what was expected there."""
    with server.api() as api:
        answer = api.get("/api/v1/logs", params={"query": query})
    assert answer.status_code == 400
    problem = answer.json()
    assert says in problem["error"], problem
    assert problem["column"] == column
    assert f"column {column}" in problem["error"]


def test_traces_are_found_by_any_span(server: Server) -> None:
    """A predicate on a child finds the whole trace; two predicates must hold of one span; durations have units."""
    service, trace_id = f"trace{uuid.uuid4().hex[:8]}", uuid.uuid4().bytes
    start = now_ns()
    root = bodies.span(trace_id=trace_id, start_time_unix_nano=start, end_time_unix_nano=start + 2_000_000_000)
    child = bodies.span(
        trace_id=trace_id,
        parent_span_id=root.span_id,
        name="charge",
        start_time_unix_nano=start,
        end_time_unix_nano=start + 300_000_000,
        attributes={"card": "visa", "http.response.status_code": 502},
    )
    child.status.code = 2
    with server.door() as door:
        for span in (root, child):  # the parts come one after the other, the child from another service
            name = service if span is root else f"{service}-worker"
            body = bodies.traces(name, [span], **{"deployment.environment.name": "staging"}).SerializeToString()
            assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200

    def found(query: str, **more: str) -> int:
        with server.api() as api:
            answer = api.get("/api/v1/traces", params={"query": query, **more})
        assert answer.status_code == 200, answer.text
        return len(answer.json()["traces"])

    worker = f"service:{service}-worker"
    assert found(f"{worker} card:visa") == 1
    assert found(f"{worker} card:visa duration:>1s") == 0, "the child took 300 ms"
    assert found(f"{worker} duration:>=0.3s status:5* error:true kind:server") == 1
    assert found(f"service:{service} duration:>1500ms") == 1
    assert found(f"service:{service} card:visa") == 0
    assert found(worker, env="staging") == 1
    assert found(worker, env="production") == 0
    with server.api() as api:
        trace = api.get(f"/api/v1/traces/{trace_id.hex()}").json()
    assert {span["name"] for span in trace["spans"]} == {"GET /things", "charge"}
    assert trace["duration_ns"] == 2_000_000_000


def test_spans_of_older_instrumentations_are_found_under_todays_names(server: Server) -> None:
    """What writes http.status_code and http.method, as most of Python's still does, answers to the same searches."""
    service = f"old{uuid.uuid4().hex[:8]}"
    old = {"http.status_code": 503, "http.method": "POST", "http.route": "/pay"}
    with server.door() as door:
        body = bodies.traces(service, [bodies.span(start_time_unix_nano=now_ns(), attributes=old)]).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200

    def found(query: str) -> int:
        with server.api() as api:
            answer = api.get("/api/v1/traces", params={"query": f"service:{service} {query}"})
        assert answer.status_code == 200, answer.text
        return len(answer.json()["traces"])

    for query in (
        "status:5*",
        "status:>=500",
        "http.response.status_code:503",
        "http.status_code:>=500",
        "method:POST",
    ):
        assert found(query) == 1, query
    for query in ("status:unset", "status:<500", "http.response.status_code:200", "method:GET"):
        assert found(query) == 0, query


def test_the_environment_is_a_filter_everywhere(server: Server, send_logs: SendLogs) -> None:
    """Records of another environment are in no answer."""
    service = f"env{uuid.uuid4().hex[:8]}"
    for environment in ("staging", "production"):
        records = [{"body": environment, "time_unix_nano": now_ns(), "attributes": {"where": environment}}]
        send_logs(records, service=service, **{"deployment.environment.name": environment})
    asked = {"query": f"service:{service}", "env": "staging"}
    with server.api() as api:
        assert [row["body"] for row in api.get("/api/v1/logs", params=asked).json()["rows"]] == ["staging"]
        assert api.get("/api/v1/logs/histogram", params=asked).json()["total"] == 1
        facets = api.get("/api/v1/logs/facets", params={**asked, "fields": "where"}).json()["facets"]
        assert [(one["value"], one["count"]) for one in facets[0]["values"]] == [("staging", 1)]
        exported = api.get("/api/v1/logs/export", params=asked).text.splitlines()
        assert len(exported) == 1
