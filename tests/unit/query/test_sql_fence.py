"""The fence around users' SQL: what is one SELECT over our tables passes, everything else is refused by name."""

import pytest

from midwatch.server.model.errors import BadQuery
from midwatch.server.query.sql import fenced

ALLOWED = [
    "WITH mine AS (SELECT TraceId FROM spans) SELECT count() FROM mine WHERE TraceId IN (SELECT TraceId FROM mine)",
    "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT * FROM b",
    "SELECT 1",
    "SELECT count() FROM spans",
    "SELECT ServiceName, quantile(0.95)(Duration) FROM spans GROUP BY ServiceName ORDER BY 2 DESC LIMIT 5",
    "SELECT toStartOfMinute(Timestamp) AS t, countIf(Level = 'error') FROM logs GROUP BY t",
    "WITH slow AS (SELECT TraceId FROM spans WHERE Duration > 1e9)"
    " SELECT count() FROM logs WHERE TraceId IN (SELECT TraceId FROM slow)",
    "SELECT SpanAttributes['http.route'] AS route, count() FROM spans GROUP BY route",
    "SELECT a.TraceId FROM spans AS a JOIN logs AS b ON a.TraceId = b.TraceId",
    "SELECT Body FROM logs WHERE Body ILIKE '%lock%' UNION ALL SELECT SpanName FROM spans",
]

ESCAPES = [
    "WITH OTHER AS (SELECT 1 AS a) SELECT * FROM other",
    "SELECT * FROM (WITH other AS (SELECT 1) SELECT * FROM other) JOIN other ON 1",
    "WITH a AS (SELECT * FROM other), other AS (SELECT 1) SELECT * FROM a",
    "SELECT 'secret' IN other FROM spans",
    "SELECT 0 IN system.one FROM spans",
    "SELECT count() FROM spans WHERE TraceId NOT IN other",
    "SELECT * FROM file('/etc/passwd')",
    "SELECT * FROM file('/etc/passwd', 'LineAsString', 'l String')",
    "SELECT * FROM \"file\"('/etc/passwd')",
    "SELECT * FROM `file`('/etc/passwd')",
    "SELECT * FROM FILE('/etc/passwd')",
    "SELECT * FROM (SELECT * FROM file('/etc/passwd'))",
    "WITH x AS (SELECT * FROM file('/etc/passwd')) SELECT * FROM x",
    "SELECT (SELECT any(c1) FROM file('/etc/passwd'))",
    "SELECT count() FROM spans WHERE 1 IN (SELECT 1 FROM file('/etc/passwd'))",
    "SELECT * FROM spans JOIN file('/etc/passwd') USING c",
    "SELECT 1 UNION ALL SELECT c1 FROM file('/etc/passwd')",
    "SELECT * FROM url('http://127.0.0.1/', 'CSV')",
    "SELECT * FROM s3('http://127.0.0.1/x')",
    "SELECT * FROM remote('127.0.0.1', 'system.one')",
    "SELECT * FROM remoteSecure('127.0.0.1', 'system.one')",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM mysql('127.0.0.1:3306', 'a', 'b', 'c', 'd')",
    "SELECT * FROM postgresql('127.0.0.1:5432', 'a', 'b', 'c', 'd')",
    "SELECT * FROM sqlite('/x.db', 't')",
    "SELECT * FROM executable('id', 'TSV', 'a String')",
    "SELECT * FROM input('a String')",
    "SELECT * FROM merge('system', '.*')",
    "SELECT * FROM numbers(10)",
    "SELECT * FROM generateRandom('a Int8')",
    "SELECT * FROM view(SELECT 1)",
    "SELECT * FROM python('x')",
    "SELECT * FROM system.tables",
    "SELECT * FROM system.processes",
    "SELECT * FROM `system`.`tables`",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM default.spans",
    "SELECT * FROM schema_migrations",
    "SELECT * FROM spans_in",
    "SELECT dictGet('d', 'a', 1)",
    "SELECT joinGet('t', 'a', 1)",
    "SELECT getSetting('max_threads')",
    "SELECT hostName()",
    "SELECT currentUser()",
    "SELECT sleep(3)",
    "SELECT sleepEachRow(1) FROM spans",
    "SELECT file('/etc/passwd')",
    "SELECT catboostEvaluate('/x', 1)",
    "SELECT addressToLine(1)",
    "SELECT throwIf(1)",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)",
    "SELECT 1 FORMAT Native",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1; DROP TABLE spans",
    "SELECT 1; SELECT 2",
    "DROP TABLE spans",
    "INSERT INTO spans SELECT * FROM spans",
    "ALTER TABLE spans DELETE WHERE 1",
    "TRUNCATE TABLE spans",
    "CREATE TABLE x (a Int8) ENGINE = Memory",
    "ATTACH TABLE x",
    "DETACH TABLE spans",
    "RENAME TABLE spans TO x",
    "OPTIMIZE TABLE spans",
    "SYSTEM SHUTDOWN",
    "KILL QUERY WHERE 1",
    "SET readonly = 0",
    "GRANT ALL ON *.* TO default",
    "EXPLAIN SELECT 1",
    "DESCRIBE TABLE spans",
    "SHOW TABLES",
    "USE system",
    "BACKUP TABLE spans TO File('/x')",
    "WITH spans AS (SELECT 1) SELECT * FROM spans",
    "SELECT {x:String}",
    "SELECT * FROM spans -- \n, file('/etc/passwd')",
    "SELECT * FROM spans /* */ , system.one",
    "",
    "   ",
    "SELECT",
    "\0",
    "(" * 3000,
]


@pytest.mark.parametrize("text", ALLOWED)
def test_allowed(text: str) -> None:
    """Ordinary questions about telemetry pass."""
    assert fenced(text)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("SELEC 1", 7, "at '1'"),
        ("SELECT a FROM", 10, "Expected table name"),
        ("SELECT\n a b c", None, "line 2, column 6, at 'c'"),
    ],
)
def test_a_mistake_is_said_with_its_place(text: str, column: int | None, says: str) -> None:
    """In plain text, with the column where there is but one line."""
    with pytest.raises(BadQuery) as caught:
        fenced(text)
    assert caught.value.column == column
    assert says in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("text", ESCAPES)
def test_refused(text: str) -> None:
    """Every way out that we know of is refused before anything runs."""
    with pytest.raises(BadQuery):
        fenced(text)


@pytest.mark.parametrize(
    "call",
    [
        *(
            "argMax(Body, Timestamp)",
            "argMinIf(Body, Timestamp, 1)",
            "any(Body)",
            "anyLast(Body)",
            "uniqExact(TraceId)",
        ),
        *("countIf(1)", "quantileIf(0.9)(SeverityNumber, 1)", "quantiles(0.5, 0.9)(SeverityNumber)", "topK(5)(Body)"),
        *(
            "toStartOfInterval(Timestamp, INTERVAL 1 MINUTE)",
            "dateDiff('second', Timestamp, now())",
            "now() - INTERVAL 1 HOUR",
        ),
        *(
            "formatDateTime(Timestamp, '%F')",
            "arrayMap(x -> x + 1, [1])",
            "arraySlice([1, 2], 1, 1)",
            "arrayDistinct([1])",
        ),
        *("JSONExtractString(Body, 'a')", "lagInFrame(Body) OVER ()", "row_number() OVER ()", "leftPad(Body, 5)"),
        *("windowFunnel(60)(Timestamp, 1, 0)", "sequenceMatch('(?1)(?2)')(Timestamp, 1, 0)", "retention(1, 0)"),
        *("parseDateTimeBestEffort(Body)", "domain(Body)", "bar(1, 0, 10)", "cityHash64(Body)", "map('a', Body)"),
    ],
)
def test_functions_go_by_the_engines_names(call: str) -> None:
    """Also those that the parser knows under another name."""
    fenced(f"SELECT {call} FROM logs")


@pytest.mark.parametrize("call", ["map(Body)", "var_map(Body)", "map(Body, 1, 2)"])
def test_calls_that_the_parser_falls_over_are_mistakes(call: str) -> None:
    with pytest.raises(BadQuery, match="arguments"):
        fenced(f"SELECT {call} FROM logs")
