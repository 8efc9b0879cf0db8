"""What senders send is what queries see."""

import pytest

from midwatch.server.model.signal import SegmentKind, Signal
from tests.integration.store.bodies import logs, metrics_of_every_type, record, span, traces
from tests.integration.store.conftest import Feed

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

VALUES = {
    "text": ("x", "x", 1),
    "empty": ("", "", 1),
    "yes": (True, "true", 2),
    "no": (False, "false", 2),
    "int": (-5, "-5", 3),
    "zero": (0, "0", 3),
    "double": (1.5, "1.5", 4),
    "nothing": (0.0, "0", 4),
    "list": (["a", 1, False], '["a",1,false]', 5),
    "map": ({"k": 0, "s": "é"}, '{"k":0,"s":"é"}', 6),
    "bytes": (b"\x00\xff", "AP8=", 7),
    "unset": (None, "", 0),
}


async def test_attribute_values_and_types_survive(feed: Feed) -> None:
    """Every type of AnyValue is kept with its type, zero, false and the empty text included."""
    sent = {key: value for key, (value, _, _) in VALUES.items()}
    await feed.send(SegmentKind.OTLP_TRACES, traces(span(attributes=sent)))
    await feed.send(SegmentKind.OTLP_LOGS, logs(record(attributes=sent)))
    for table, column in (("spans", "SpanAttribute"), ("logs", "LogAttribute")):
        (row,) = await feed.store.rows(f"SELECT {column}s AS a, {column}Types AS t FROM {table}")
        kept = dict(zip(row["a"], zip(row["a"].values(), row["t"], strict=True), strict=True))
        assert kept == {key: (text, kind) for key, (_, text, kind) in VALUES.items()}


async def test_odd_values_stand_in_their_own_place(feed: Feed) -> None:
    """Private keys, arrays, long texts and long keys are worked out apart and put where they were."""
    plain = {f"key{index}": f"value{index}" for index in range(5)}
    odd = {
        "first": "1",
        "user.password": "hunter2",
        "list": [1, 2],
        "long": "é" * 20_000,
        "api_key": ["hunter2"],
        "k" * 2000: "long key",
        "last": 7,
    }
    await feed.send(
        SegmentKind.OTLP_TRACES, traces(span(attributes=plain), span(attributes=odd), span(attributes=plain))
    )
    rows = await feed.store.rows("SELECT SpanAttributes AS a, Adjustments AS adjusted FROM spans ORDER BY SegmentRow")
    assert rows[0]["a"] == rows[2]["a"] == plain
    found = rows[1]["a"]
    assert list(found) == ["first", "user.password", "list", "long", "api_key", "k" * 1024, "last"]
    cut = "é" * 16_384
    assert list(found.values()) == ["1", "[removed]", "[1,2]", cut, "[removed]", "long key", "7"]
    assert rows[1]["adjusted"] == ["attribute_truncated", "name_truncated"]


async def test_what_is_nested_too_deep_is_said_and_counted(feed: Feed) -> None:
    """A map in a map is not lost in silence: its place says so, and the limit is counted by reason."""
    deep = {"outer": {"inner": {"k": 1}, "fine": 2}}
    await feed.send(SegmentKind.OTLP_TRACES, traces(span(attributes=deep)))
    await feed.send(SegmentKind.OTLP_LOGS, logs(record(body={"a": [1]}, attributes=deep)))
    (row,) = await feed.store.rows("SELECT SpanAttributes['outer'] AS o FROM spans")
    assert row["o"] == '{"inner":"[nested too deep]","fine":2}'
    (row,) = await feed.store.rows("SELECT Body, arraySort(Adjustments) AS why FROM logs")
    assert (row["Body"], row["why"]) == (
        '{"a":"[nested too deep]"}',
        ["body_nested_too_deep", "value_nested_too_deep"],
    )
    counted = await feed.store.rows(
        "SELECT toString(Reason) AS r, sum(Count) AS n FROM limits_hit GROUP BY r ORDER BY r"
    )
    assert {row["r"]: row["n"] for row in counted} == {"body_nested_too_deep": 1, "value_nested_too_deep": 2}


async def test_a_span_is_kept_whole(feed: Feed) -> None:
    """Ids, kind, status, scope, events, links, weight and times come back as they were sent."""
    sent = span(
        kind=3,
        parent_span_id=b"12345678",
        trace_state="ot=th:c,x=y",
        start_time_unix_nano=1_700_000_000_123_456_789,
        end_time_unix_nano=1_700_000_001_123_456_790,
    )
    sent.status.code, sent.status.message = 2, "boom"
    event = sent.events.add(name="exception", time_unix_nano=1_700_000_000_500_000_000)
    event.attributes.add(key="exception.type").value.string_value = "ValueError"
    event.attributes.add(key="tags").value.array_value.values.add().string_value = "a"
    sent.links.add(trace_id=b"a" * 16, span_id=b"b" * 8).attributes.add(key="n").value.int_value = 0
    await feed.send(SegmentKind.OTLP_TRACES, traces(sent))
    (row,) = await feed.store.rows(
        "SELECT *, toUnixTimestamp64Nano(Timestamp) AS ns, toString(SpanKind) AS kind, toString(StatusCode) AS status,"
        " arrayMap(t -> toUnixTimestamp64Nano(t), `Events.Timestamp`) AS events FROM spans"
    )
    assert (row["TraceId"], row["SpanId"], row["ParentSpanId"]) == (
        sent.trace_id.hex(),
        sent.span_id.hex(),
        b"12345678".hex(),
    )
    assert (row["ns"], row["Duration"]) == (1_700_000_000_123_456_789, 1_000_000_001)
    assert (row["kind"], row["status"], row["StatusMessage"], row["ScopeName"]) == ("client", "error", "boom", "scope")
    assert (row["Events.Name"], row["events"]) == (["exception"], [1_700_000_000_500_000_000])
    assert row["Events.Attributes"] == [{"exception.type": "ValueError", "tags": "[nested too deep]"}]
    assert (row["Links.TraceId"], row["Links.Attributes"]) == ([(b"a" * 16).hex()], [{"n": "0"}])
    assert row["Adjustments"] == ["event_value_nested"]
    assert row["Weight"] == 4.0
    assert row["ServiceName"] == "api"


@pytest.mark.parametrize(
    ("resource", "of_key", "environment", "kept"),
    [
        ({}, "", "", None),
        ({"deployment.environment": "old"}, "", "old", None),
        ({"deployment.environment.name": "new", "deployment.environment": "old"}, "", "new", None),
        ({"deployment.environment.name": "sent"}, "key", "key", "sent"),
        ({"deployment.environment.name": "key"}, "key", "key", None),
    ],
)
async def test_the_keys_environment_wins(
    feed: Feed, resource: dict[str, str], of_key: str, environment: str, kept: str | None
) -> None:
    """A key that names an environment decides; a different one that was sent is kept as an attribute."""
    await feed.send(SegmentKind.OTLP_TRACES, traces(span(), resource=resource), environment=of_key)
    (row,) = await feed.store.rows(
        "SELECT Environment, ResourceAttributes AS a, ResourceAttributeTypes AS t FROM spans"
    )
    assert row["Environment"] == environment
    assert row["a"].get("midwatch.sent.environment") == kept
    assert len(row["a"]) == len(row["t"])


async def test_levels(feed: Feed) -> None:
    """The level comes from the severity number, else from the severity text."""
    sent = [(1, "", "trace"), (8, "", "debug"), (9, "ERROR", "info"), (0, "Warning", "warn"), (24, "", "fatal")]
    sent += [(0, "", "unknown"), (0, "CRITICAL", "fatal"), (0, "err", "error")]
    await feed.send(
        SegmentKind.OTLP_LOGS, logs(*(record(severity_number=n, severity_text=t, body=level) for n, t, level in sent))
    )
    rows = await feed.store.rows("SELECT toString(Level) AS level, Body FROM logs")
    assert len(rows) == len(sent)
    assert [row["level"] for row in rows] == [row["Body"] for row in rows]


async def test_bodies_of_every_type(feed: Feed) -> None:
    """A log body that is no text is kept as JSON text beside its type."""
    sent = {"text": 1, "5": 3, "true": 2, "[1,2]": 5, '{"k":"v"}': 6}
    bodies = ["text", 5, True, [1, 2], {"k": "v"}]
    await feed.send(SegmentKind.OTLP_LOGS, logs(*(record(body=body) for body in bodies)))
    rows = await feed.store.rows("SELECT Body, BodyType FROM logs")
    assert {row["Body"]: row["BodyType"] for row in rows} == sent


async def test_metric_points_of_every_type(feed: Feed) -> None:
    """Every type of metric is kept whole."""
    await feed.send(SegmentKind.OTLP_METRICS, metrics_of_every_type())
    rows = await feed.store.rows("SELECT *, toString(MetricType) AS type FROM metric_points")
    found = {row["MetricName"]: row for row in rows}
    assert (found["gauge"]["Value"], found["gauge"]["ValueInt"], found["gauge"]["IsInt"]) == (7.0, 7, True)
    assert (found["sum"]["Value"], found["sum"]["IsMonotonic"], found["sum"]["IsInt"]) == (1.5, True, False)
    assert found["sum"]["Attributes"] == {"k": "v", "api_key": "[removed]"}
    assert (found["histogram"]["Count"], found["histogram"]["BucketCounts"]) == (3, [1, 2])
    assert (found["exponential"]["Scale"], found["exponential"]["PositiveOffset"]) == (-2, -3)
    assert (found["summary"]["Quantiles.Quantile"], found["summary"]["Quantiles.Value"]) == ([0.5], [9.0])
    assert found["summary"]["type"] == "summary"


async def test_rollups_count_by_weight(feed: Feed) -> None:
    """The same load at 100 % and at 25 % sampling gives the same rate, errors and quantiles within 5 %."""

    def load(count: int, state: str, service: str) -> bytes:
        spans = [
            span(
                trace_state=state,
                start_time_unix_nano=10**18,
                end_time_unix_nano=10**18 + 10**6 * (1 + i * 1000 // count),
            )
            for i in range(count)
        ]
        for one in spans[: count // 10]:
            one.status.code = 2
        return traces(*spans, resource={"service.name": service})

    await feed.send(SegmentKind.OTLP_TRACES, load(2000, "", "all"), load(500, "ot=th:c", "sampled"))
    rows = await feed.store.rows(
        "SELECT ServiceName AS s, sum(Count) AS n, sum(Errors) AS e,"
        " toFloat64(quantilesTDigestWeightedMerge(0.5, 0.95, 0.99)"
        "(Durations)[2]) AS p95 FROM service_red GROUP BY s ORDER BY s"
    )
    everything, sampled = rows
    assert (everything["n"], sampled["n"]) == (2000, 2000)
    assert (everything["e"], sampled["e"]) == (200, 200)
    assert sampled["p95"] == pytest.approx(everything["p95"], rel=0.05)


ODD_TIMES = [
    ("1900-01-01 00:00:00", -2_208_988_800 * 10**9),
    ("1969-07-20 20:17:40", -14_182_940 * 10**9),
    ("1970-01-01 00:00:01", 1 * 10**9),
    ("2107-01-01 00:00:00", 4_323_283_200 * 10**9),
    ("2200-06-01 12:00:00", 7_271_208_000 * 10**9),
    ("2262-04-11 23:47:16", 9_223_372_036 * 10**9),
]


async def test_any_time_is_stored_where_it_belongs(feed: Feed) -> None:
    """With retention 0 a body with items over 130 days and of odd years is stored and found by time.

    By itself the store refuses a block of over 100 days."""
    days = [10**18 + day * 86_400 * 10**9 for day in range(130)]
    odd = [ns for _, ns in ODD_TIMES if ns > 0]
    await feed.send(
        SegmentKind.OTLP_TRACES, traces(*(span(start_time_unix_nano=ns) for ns in [*days, *odd, 2**64 - 1]))
    )
    times = [*(f"{ns}" for ns in days), *(text for text, _ in ODD_TIMES)]
    lines = b"\n".join(b'{"time":"%s","msg":"x"}' % text.encode() for text in times)
    await feed.send(SegmentKind.NDJSON_LOGS, lines)
    for table, count in (("spans", 135), ("logs", 136), ("service_red", 134), ("log_volume", 136)):
        (row,) = await feed.store.rows(
            f"SELECT count() AS n FROM {table} FINAL" if "_" in table else f"SELECT count() AS n FROM {table}"
        )
        assert row["n"] == count, table
    for _, ns in ODD_TIMES:
        for table in ("spans", "logs"):
            (row,) = await feed.store.rows(
                f"SELECT count() AS n FROM {table} WHERE Timestamp >= fromUnixTimestamp64Nano({{ns:Int64}})"
                " AND Timestamp < fromUnixTimestamp64Nano({ns:Int64} + 1000)",
                {"ns": ns},
            )
            assert row["n"] >= (1 if table == "logs" or ns > 0 else 0), (table, ns)
    (row,) = await feed.store.rows("SELECT count() AS n FROM spans WHERE has(Adjustments, 'time_clamped')")
    assert row["n"] == 1


async def test_limits_cut_count_and_set_aside(feed: Feed) -> None:
    """What is too large is cut, what is too old or has bad ids is set aside; each is counted by key and reason."""
    feed.days[Signal.TRACES] = 7.0
    many = span(attributes={f"k{i}": i for i in range(1000)})
    await feed.send(
        SegmentKind.OTLP_TRACES,
        traces(
            span(attributes={"big": "é" * 100_000}),
            many,
            span(name="n" * 5000),
            span(start_time_unix_nano=0),
            span(start_time_unix_nano=10**18),
            span(start_time_unix_nano=4 * 10**18),
            span(trace_id=b"short"),
            span(span_id=b""),
        ),
        key_id="key-7",
    )
    rows = await feed.store.rows(
        "SELECT toString(Reason) AS r, toUInt64(sum(Count)) AS n FROM limits_hit WHERE KeyId = 'key-7' GROUP BY r"
    )
    assert {row["r"]: row["n"] for row in rows} == dict.fromkeys(
        (
            "attribute_truncated",
            "attributes_dropped",
            "name_truncated",
            "time_missing",
            "too_old",
            "too_far_ahead",
            "trace_id_invalid",
            "span_id_invalid",
        ),
        1,
    )
    (row,) = await feed.store.rows(
        "SELECT count() AS n, max(length(SpanAttributes)) AS a, max(length(SpanAttributes['big'])) AS b FROM spans"
    )
    assert (row["n"], row["a"], row["b"]) == (4, 256, 32768)
    rows = await feed.store.rows("SELECT toString(Reason) AS r FROM set_aside")
    assert sorted(row["r"] for row in rows) == ["span_id_invalid", "too_far_ahead", "too_old", "trace_id_invalid"]


async def test_private_values_never_land(feed: Feed) -> None:
    """A value under a private key is in no column of no table, wherever in a span, record or line it was."""
    secret = "hunter2"
    private = {"db.password": secret, "nested": {"api_key": secret, "fine": "yes"}, "Authorization": secret}
    sent = span(attributes=private)
    for attributes in (
        sent.events.add(name="e").attributes,
        sent.links.add(trace_id=b"a" * 16, span_id=b"b" * 8).attributes,
    ):
        attributes.add(key="token").value.string_value = secret
    await feed.send(
        SegmentKind.OTLP_TRACES,
        traces(sent, span(trace_id=b"bad", attributes=private), resource={"client_secret": secret}),
    )
    await feed.send(SegmentKind.OTLP_LOGS, logs(record(attributes=private, body={"password": secret, "ok": 1})))
    lines = [
        b'{"msg":"a","password":"hunter2"}',
        b'{"password":"hunter2","x":1}',
        b'{"msg":"b","user":{"password":"hunter2","name":"n"}}',
        b'{"msg":"c","a":{"b":{"secret":"hunter2"}}}',
        b'{"msg":"d","list":[{"token":"hunter2"}]}',
        b'{"msg":"e","credentials":{"user":"hunter2"}}',
    ]
    await feed.send(SegmentKind.NDJSON_LOGS, b"\n".join(lines))
    for table, rows_stored in (("spans", 1), ("logs", 7), ("set_aside", 1)):
        (row,) = await feed.store.rows(
            f"SELECT count() AS n, countIf(position(toString(tuple(*)), '{secret}') > 0) AS leaked,"
            f" countIf(position(toString(tuple(*)), '[removed]') > 0) AS removed FROM {table}"
        )
        assert (row["n"], row["leaked"], row["removed"]) == (rows_stored, 0, rows_stored), table
