"""SQL of users, asked from outside; what the fence refuses is in tests/unit/query/test_sql_fence.py."""

import time
import uuid

import pytest
from tests import bodies
from tests.conftest import Server
from tests.remote_write import HEADERS_1, PATH, packed, series_1, version_1


def test_a_state_of_an_aggregate_says_how_it_is_read(server: Server) -> None:
    """`SELECT *` from a roll-up is a 400 that names the way; that way is answered."""
    with server.door() as door:
        body = bodies.traces("sql", [bodies.span()]).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
    with server.api() as api:
        refused = api.post("/api/v1/sql", json={"query": "SELECT * FROM service_red"})
        assert refused.status_code == 400, refused.text
        assert "quantilesTDigestWeightedMerge" in refused.json()["error"]
        merged = "SELECT quantilesTDigestWeightedMerge(0.5, 0.95, 0.99)(Durations) FROM service_red"
        assert api.post("/api/v1/sql", json={"query": merged}).status_code == 200


def test_the_stores_sentence_comes_without_what_is_around_it(server: Server) -> None:
    """No driver, no address of the engine."""
    with server.api() as api:
        answer = api.post("/api/v1/sql", json={"query": "SELECT nope FROM spans"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error.startswith("the store says: Unknown expression identifier `nope`"), error
    assert "http" not in error
    assert "DB::Exception" not in error


def test_time_and_environment_narrow_every_table(server: Server) -> None:
    """`start`, `end` and `env` hold for each table of a statement, below a WITH and in a JOIN too; aliases stay."""
    now = time.time_ns()
    spans = [bodies.span(start_time_unix_nano=now - minutes * 60_000_000_000) for minutes in (1, 30, 90)]
    with server.door() as door:
        for env, some in (("sql-a", spans[:2]), ("sql-b", spans[2:])):
            body = bodies.traces("narrowed", some, **{"deployment.environment.name": env}).SerializeToString()
            assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200

    def count(statement: str, **narrowed: object) -> int:
        with server.api() as api:
            answer = api.post("/api/v1/sql", json={"query": statement, **narrowed})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["rows"][0][0])

    plain = "SELECT count() FROM spans WHERE ServiceName = 'narrowed'"
    below = "WITH mine AS (SELECT * FROM spans AS s WHERE s.ServiceName = 'narrowed') SELECT count() FROM mine"
    joined = "SELECT count() FROM spans JOIN spans AS b ON spans.SpanId = b.SpanId WHERE b.ServiceName = 'narrowed'"
    for statement in (plain, below, joined):
        assert count(statement) == 3
        assert count(statement, start="now-1h") == 2
        assert count(statement, start="now-2h", end="now-1h") == 1
        assert count(statement, env=["sql-b"]) == 1
        assert count(statement, env=["sql-a"], start="now-10m") == 1
    merged = "SELECT toUInt64(sum(Count)) FROM service_red FINAL WHERE ServiceName = 'narrowed'"
    assert count(merged, start="now-2h", env=["sql-a"]) == 2
    assert count("SELECT count() FROM trace_index", start="now-1h") >= 1
    with server.api() as api:
        refused = api.post("/api/v1/sql", json={"query": "SELECT count() FROM trace_index", "env": ["sql-a"]})
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_query")
        assert "no environment" in refused.json()["error"]
        odd = api.post("/api/v1/sql", json={"query": plain, "env": ["\\' OR 1 --", "x' OR '1"]})
        assert odd.json()["rows"] == [[0]]
        assert api.post("/api/v1/sql", json={"query": plain, "start": "yesterday"}).status_code == 400


@pytest.fixture(scope="module")
def metric(server: Server) -> str:
    """A metric of two environments: a sample a minute ago in both, one of an hour ago and a histogram in `sql-a`."""
    name, now = f"sql{uuid.uuid4().hex[:8]}_total", time.time_ns() // 1_000_000
    samples = [{"value": value, "timestamp": now - minutes * 60_000} for value, minutes in ((1, 60), (2, 1))]
    exemplar = {"labels": [{"name": "trace_id", "value": "cd" * 16}], "value": 0.5, "timestamp": now - 60_000}
    native = {"count_int": 3, "sum": 4.5, "schema": 0, "zero_count_int": 3, "timestamp": now - 60_000}
    body = version_1(
        series_1({"__name__": name, "env": "sql-a"}, samples=samples, exemplars=[exemplar]),
        series_1({"__name__": name, "env": "sql-b"}, samples=samples[1:]),
        series_1({"__name__": name, "env": "sql-a", "native": "1"}, histograms=[native]),
        metadata=[{"type": 1, "metric_family_name": name, "help": "Of SQL.", "unit": ""}],
    )
    sent = bodies.gauge("sql", f"{name}.dotted", 1).SerializeToString()
    with server.door() as door:
        headers = {**HEADERS_1, "x-midwatch-wait": "visible"}
        assert door.post(PATH, content=packed(body), headers=headers).status_code == 204
        assert door.post("/v1/metrics", params={"wait": "visible"}, content=sent).status_code == 200
    return name


@pytest.mark.parametrize(
    ("table", "of_both", "of_one", "since"),
    [
        ("metric_series", 3, 2, 3),
        ("metric_samples", 3, 2, 2),
        ("metric_histograms", 1, 1, 1),
        ("metric_exemplars", 1, 1, 1),
        ("metric_metadata", 1, None, 1),
        ("metric_names", 1, None, 1),
    ],
)
def test_series_are_tables_too(
    server: Server, metric: str, table: str, of_both: int, of_one: int | None, since: int
) -> None:
    """Each can be read whole, and narrowed by time and, but for descriptions, by the environment of its series."""
    where = f"MetricName = '{metric}'" if table != "metric_names" else f"Alias = '{metric}.dotted'"
    statement = f"SELECT * FROM {table} FINAL WHERE {where}"
    with server.api() as api:

        def rows(**narrowed: object) -> int:
            answer = api.post("/api/v1/sql", json={"query": statement, **narrowed})
            assert answer.status_code == 200, answer.text
            return len(answer.json()["rows"])

        assert (rows(), rows(start="now-10m")) == (of_both, since)
        if of_one is None:
            refused = api.post("/api/v1/sql", json={"query": statement, "env": ["sql-a"]})
            assert (refused.status_code, refused.json()["code"]) == (400, "bad_query")
        else:
            assert rows(env=["sql-a"]) == of_one
