"""Random searches and SQL against a whole server: an answer or a clear 400, and never another file or table."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import bodies
from tests.conftest import TOKEN, Server

from midwatch.server.model.errors import BadQuery
from midwatch.server.query.sql import fenced

pytestmark = pytest.mark.fuzz

CANARY = "canary-5f1d1c"
FIELDS = (
    "service",
    "level",
    "env",
    "duration",
    "status",
    "route",
    "trace_id",
    "span_id",
    "name",
    "kind",
    "body",
    "scope",
    "http.response.status_code",
    "user.id",
    "größe",
    "a b",
    "_",
    "resource.x",
)
VALUES = (
    "api",
    "error",
    ">1.5s",
    ">=500",
    "<-1",
    "5*",
    "*",
    "?",
    "[1 TO 5]",
    "{a TO *]",
    '"a b"',
    '""',
    "/sessions/:id",
    "~2",
    "^3",
    ">1e999",
    ">NaN",
    ">",
    "0x1F",
    "true",
    "\\",
    "\\:",
    "'",
    "';--",
    "{q0:String}",
    "%",
    "_",
    "é",
    "\u202e",
    "1h",
    "1970-01-01",
)
GLUE = (" ", " AND ", " OR ", " NOT ", " -", " +", "(", ")", ":", '"', "&&", "||", "!")
SEARCHES = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.one_of(
            st.builds("{}:{}".format, st.sampled_from(FIELDS), st.sampled_from(VALUES)),
            st.sampled_from((*VALUES, *GLUE, *FIELDS)),
        ),
        max_size=12,
    ).map(" ".join),
)
TABLES = (
    "spans",
    "logs",
    "service_red",
    "numbers(3)",
    "system.tables",
    "system.one",
    "midwatch.spans",
    "schema_migrations",
    "file('{canary}', 'LineAsString')",
    "`file`('{canary}', 'LineAsString')",
    "url('http://127.0.0.1:1/')",
    "(SELECT 1 AS x)",
    "merge('.*')",
    "remote('127.0.0.1', system.one)",
    "executable('id', 'TSV', 'x String')",
    "dictionary('d')",
    "values('x Int8', 1)",
)
COLUMNS = (
    "1",
    "count()",
    "*",
    "ServiceName",
    "Body",
    "SpanAttributes['a']",
    "file('{canary}')",
    "toString(1)",
    "getSetting('max_threads')",
    "sleep(1)",
    "currentUser()",
    "hostName()",
    "arrayMap(x -> x + 1, [1])",
    "(SELECT 1)",
    "quantile(0.5)(Duration)",
    "CAST(1 AS String)",
    "dictGet('d', 'a', 1)",
    "if(1, file('{canary}'), '')",
    "x'41'",
    "{p:String}",
    "@@version",
    "1::String",
    "$$a$$",
    "-- a\n1",
    "/* */ 2",
    "arrayJoin(range(1000000000))",
    "repeat('a', 1000000000)",
    "intDiv(1, 0)",
    "tuple(1).1",
    "INTERVAL 1 DAY",
    "now() - 1e999",
)
ENDS = (
    "",
    "LIMIT 1",
    "FORMAT CSV",
    "SETTINGS readonly=0",
    "INTO OUTFILE '/tmp/x'",
    "; DROP TABLE spans",
    "UNION ALL SELECT 1",
    "WHERE Timestamp > now()",
    "GROUP BY 1 WITH TOTALS",
    "ORDER BY 1 WITH FILL",
    "PREWHERE 1",
    "FINAL",
    "SAMPLE 1/2",
    "WINDOW w AS ()",
    "WHERE 1 IN (SELECT * FROM file('{canary}', 'LineAsString'))",
    "ARRAY JOIN [1] AS y",
    "EXCEPT SELECT 1",
    "QUALIFY 1",
)
STARTS = (
    "SELECT",
    "WITH 1 AS x SELECT",
    "WITH spans AS (SELECT 1) SELECT",
    "EXPLAIN SELECT",
    "INSERT INTO spans SELECT",
    "SELECT DISTINCT",
    "DESCRIBE",
    "(SELECT",
)
STATEMENTS = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{} {} FROM {} {}".format,
        st.sampled_from(STARTS),
        st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3).map(", ".join),
        st.lists(st.sampled_from(TABLES), min_size=1, max_size=2).map(", ".join),
        st.lists(st.sampled_from(ENDS), max_size=2).map(" ".join),
    ),
)
LIVE = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("fuzz") / "data", {"MIDWATCH_API_TOKEN": TOKEN}).start()
    with started.door() as door:
        for path, body in (
            ("traces", bodies.traces("api", [bodies.span(attributes={"a": 1, "http.route": "/x"}) for _ in range(50)])),
            ("logs", bodies.logs("api", [{"body": f"line {n}", "severity_number": 17} for n in range(50)])),
        ):
            assert door.post(f"/v1/{path}", params={"wait": "visible"}, content=body.SerializeToString()).is_success
    yield started
    started.stop()


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    with server.api() as client:
        yield client


@pytest.fixture(scope="module")
def canary(server: Server) -> Path:
    """A file where the engine keeps its own."""
    path = server.data / "store" / "canary.txt"
    path.write_text(CANARY)
    return path


@LIVE
@given(text=SEARCHES)
def test_any_search_is_answered_or_explained(api: httpx.Client, text: str) -> None:
    """Over logs and over spans; what cannot be read says where and what was expected."""
    for path in ("logs", "traces", "logs/histogram"):
        answer = api.get(f"/api/v1/{path}", params={"query": text, "limit": 5})
        assert answer.status_code in (200, 400, 422), (path, text, answer.text)


@LIVE
@given(text=STATEMENTS)
def test_any_sql_is_answered_or_refused(api: httpx.Client, canary: Path, text: str) -> None:
    """Nothing reads a file, another table, or changes anything."""
    answer = api.post("/api/v1/sql", json={"query": text.replace("{canary}", str(canary))})
    assert answer.status_code in (200, 400, 422), (text, answer.text)
    if answer.status_code == 200:
        assert CANARY not in str(answer.json()["rows"]), text
        assert api.post("/api/v1/sql", json={"query": "SELECT count() FROM spans"}).json()["rows"] in ([[50]], [["50"]])


@settings(max_examples=4000, deadline=None)
@given(text=STATEMENTS)
def test_what_the_fence_lets_through_it_lets_through_again(text: str) -> None:
    """The statement that runs is understood as the one that was sent was."""
    try:
        passed = fenced(text)
    except BadQuery:
        return
    assert fenced(passed) == passed
