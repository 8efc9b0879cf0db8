"""Metrics as teams name them, and what the SDK measures by itself as they declare it."""

import math
import os
import re
from decimal import Decimal
from typing import Any

import prometheus_client
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from midwatch.sdk.job_metrics import JobMetrics
from midwatch.sdk.metrics import LABEL_SETS_MAX, OTHER, Counter, Gauge, Histogram, Metrics, Shape
from midwatch.sdk.problems import Problems
from midwatch.sdk.text_formats import OPENMETRICS, TEXT, write
from midwatch.sdk.wire.metrics import MetricEncoder
from midwatch.sdk.wire.resource import request, resource

REQUESTS = ("method", "route", "status")
MS = (10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0)
NAMED: list[tuple[type[Any], str, tuple[str, ...], tuple[float, ...] | None]] = [
    # T11 to T14
    (Counter, "api.requests.total", ("route", "status"), None),
    (Counter, "api.requests.errors", ("route", "status"), None),
    (Histogram, "api.latency", ("route",), MS),
    (Gauge, "api.active_connections", (), None),
    (Counter, "session.created", (), None),
    (Histogram, "session.create_latency", (), MS),
    (Counter, "session.state_transition", ("from", "to"), None),
    (Counter, "session.auto_paused", (), None),
    (Counter, "session.resumed", (), None),
    (Counter, "sandbox.created", (), None),
    (Histogram, "sandbox.boot_time", (), MS),
    (Counter, "sandbox.health_check.success", (), None),
    (Counter, "sandbox.health_check.failure", (), None),
    (Histogram, "web.lcp", ("route",), MS),
    (Histogram, "web.fid", ("route",), MS),
    (Histogram, "web.cls", ("route",), (0.1, 0.25)),
    (Counter, "web.errors", ("route",), None),
    # C02 to C04
    (Histogram, "http_request_duration_seconds", REQUESTS, (0.1, 0.5, 1, 2, 5, 10)),
    (Counter, "http_requests_total", REQUESTS, None),
    (Gauge, "http_active_connections", (), None),
    (Histogram, "job_duration_seconds", ("status", "niche"), (60, 120, 300, 600, 900)),
    (Histogram, "pipeline_step_duration_seconds", ("step", "status"), (5, 15, 30, 60, 120, 300)),
    (Gauge, "job_queue_depth", (), None),
    (Gauge, "jobs_by_status", ("status",), None),
    (Counter, "credits_used_total", (), None),
    (Counter, "revenue_usd_total", ("type",), None),
    (Counter, "signups_total", ("method",), None),
    # J09 to J11
    *(
        (Counter, name, ("env", *labels), None)
        for name, labels in {
            "sms_inbound_total": (),
            "sms_inbound_duplicates_total": (),
            "sms_outbound_sent_total": ("purpose",),
            "sms_outbound_failed_total": ("purpose", "reason"),
            "llm_intent_calls_total": (),
            "llm_intent_failures_total": ("reason",),
            "clarifiers_asked_total": ("intent",),
            "linkups_created_total": ("region",),
            "linkups_locked_total": ("region",),
            "linkups_expired_total": ("region",),
            "linkups_canceled_total": ("region", "reason"),
            "invites_sent_total": ("region",),
            "invites_accepted_total": ("region",),
            "invites_declined_total": ("region",),
            "invites_expired_total": ("region",),
            "stripe_webhooks_total": ("type",),
            "stripe_webhook_failures_total": ("type",),
            "safety_incidents_total": ("category", "severity"),
        }.items()
    ),
    (Histogram, "api_latency_ms", ("env", "route"), MS),
    (Histogram, "db_query_ms", ("env", "query_name"), MS),
    (Histogram, "llm_latency_ms", ("env", "model"), MS),
    (Histogram, "twilio_send_latency_ms", ("env",), MS),
    (Histogram, "time_to_lock_minutes", ("env", "region"), MS),
    (Histogram, "time_to_first_reply_minutes", ("env",), MS),
    (Gauge, "broadcasting_linkups_active", ("env", "region"), None),
    (Gauge, "pending_outbound_jobs", ("env",), None),
    (Gauge, "pending_admin_safety_queue", ("env",), None),
    # M07, M11, M16, M17; S01, S03, S04
    (Histogram, "socket_latency_seconds", ("event",), (0.05, 0.1, 0.5)),
    (Counter, "rate_limit_hits_total", ("limit",), None),
    (Gauge, "sandboxes_active", (), None),
    (Gauge, "reddit_rate_limit_remaining", (), None),
    (Gauge, "upstash_storage_used_ratio", ("plan",), None),
]


@pytest.fixture
def problems() -> Problems:
    return Problems()


@pytest.fixture
def metrics(problems: Problems) -> Metrics:
    """With what the SDK measures of requests and jobs, as `init` makes it."""
    from midwatch.sdk.web import WebMetrics

    made = Metrics(CollectorRegistry(), problems)
    WebMetrics(made)
    JobMetrics(made, problems)
    return made


def declare(
    metrics: Metrics, kind: type[Any], name: str, labels: tuple[str, ...] = (), buckets: Any = None, **more: Any
) -> Any:
    """As `midwatch.counter` and its siblings do."""
    return metrics.get(kind, Shape(name, "", tuple(labels), buckets=buckets, **more), by_app=True)


def scraped(metrics: Metrics, content_type: str = TEXT) -> dict[str, Any]:
    """By sample name, label sets and values."""
    text = write(metrics.collect(), content_type).decode()
    parse: Any = parse_openmetrics if content_type == OPENMETRICS else parse_text
    found: dict[str, Any] = {}
    for family in parse(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def pushed(metrics: Metrics) -> dict[str, Any]:
    """By name."""
    body = request(MetricEncoder(0, metrics.given).resource_metrics(resource({}), metrics.collect(), 1))
    sent = ExportMetricsServiceRequest.FromString(body).resource_metrics[0].scope_metrics[0].metrics
    return {one.name: one for one in sent}


@pytest.mark.parametrize("content_type", [TEXT, OPENMETRICS])
@pytest.mark.parametrize(("kind", "name", "labels", "buckets"), NAMED, ids=[row[1] for row in NAMED])
def test_what_teams_name_is_scraped_and_pushed_as_they_wrote_it(
    metrics: Metrics, kind: Any, name: str, labels: tuple[str, ...], buckets: Any, content_type: str
) -> None:
    """Dots become underscores where the format has none, and a counter's series ends in `_total`; nothing else does."""
    made = declare(metrics, kind, name, labels, buckets)
    values = {label: f"{label} 1" for label in labels}
    (made.record if kind is Histogram else made.add)(3, **values)
    flat = name.replace(".", "_")
    suffix = {Counter: "" if flat.endswith("_total") else "_total", Gauge: "", Histogram: "_sum"}[kind]
    found = scraped(metrics, content_type)
    assert found[flat + suffix] == {tuple(sorted(values.items())): 3.0}
    if kind is Histogram:
        bounds = {float(dict(series)["le"]) for series in found[f"{flat}_bucket"]}
        assert bounds == {*buckets, math.inf}
    sent = pushed(metrics)[name]
    point = getattr(sent, sent.WhichOneof("data")).data_points[0]
    assert {one.key for one in point.attributes} == set(labels)


def test_a_jobs_labels_are_those_that_the_app_has_declared(metrics: Metrics, problems: Problems) -> None:
    """Of the metrics that the SDK fills by itself: taken from the job's own fields, and no mistake of anybody's."""
    made = Metrics(CollectorRegistry(), problems)
    jobs = JobMetrics(made, problems)
    declare(made, Histogram, "job_duration_seconds", ("status", "niche"), (60.0, 120.0))
    declare(made, Gauge, "jobs_by_status", ("status",))
    declare(made, Gauge, "job_queue_depth")

    class Run:
        name, attempt, started, fields = "render", 1, 0.0, {"niche": "travel", "user": 7}

    jobs.started(Run())
    jobs.ended(Run(), "succeeded", 61.0, None)
    jobs.queue_depth("default", 4)
    found = scraped(made)
    assert found["job_duration_seconds_sum"] == {(("niche", "travel"), ("status", "succeeded")): 61.0}
    assert found["jobs_by_status"] == {(("status", "active"),): 0.0, (("status", "succeeded"),): 1.0}
    assert found["job_queue_depth"] == {(): 4.0}
    assert problems.counts() == {}


def test_declaring_comes_before_measuring(metrics: Metrics) -> None:
    """Series with other labels or buckets are there already; the message says so."""
    metrics.histogram("job_duration_seconds", "", ("job", "status"), None).record(1, job="a", status="b")
    with pytest.raises(
        ValueError, match=r"is measured with the labels job, status and the buckets .* declare it before"
    ):
        declare(metrics, Histogram, "job_duration_seconds", ("status",))


def test_a_declaration_that_cannot_be_changes_nothing(metrics: Metrics) -> None:
    """Buckets out of order are refused, and what there was is still scraped."""
    with pytest.raises(ValueError, match="not in sorted order"):
        declare(metrics, Histogram, "job_duration_seconds", ("status",), (2.0, 1.0))
    metrics.histogram("job_duration_seconds", "", ("job", "status")).record(1, job="a", status="b")
    assert scraped(metrics)["job_duration_seconds_count"] == {(("job", "a"), ("status", "b")): 1.0}


@pytest.mark.parametrize(
    ("kind", "labels", "buckets"),
    [(Gauge, ("a",), None), (Histogram, ("b",), None), (Histogram, ("a",), (1.0, 2.0))],
)
def test_what_the_app_has_made_stays_as_it_is(metrics: Metrics, kind: Any, labels: Any, buckets: Any) -> None:
    """The same asked again is the same; another kind, other labels or buckets are a mistake."""
    made = declare(metrics, Histogram, "own_seconds", ("a",), (1.0, 5.0))
    assert declare(metrics, Histogram, "own_seconds", ("a",), (1.0, 5.0)) is made
    assert declare(metrics, Histogram, "own_seconds", ("a",)) is made
    with pytest.raises(ValueError, match="'own_seconds' is a histogram with the labels a and the buckets 1, 5 already"):
        declare(metrics, kind, "own_seconds", labels, buckets)


def test_a_name_that_the_app_had_first_is_the_apps(
    metrics: Metrics, problems: Problems, capsys: pytest.CaptureFixture[str]
) -> None:
    """The SDK fills it where it can, and goes without where it is of another kind; nothing raises in its own files."""
    declare(metrics, Counter, "redis_errors_total", ("command",))
    metrics.counter("redis_errors_total", "", ("command", "error")).inc(command="GET", error="Lost")
    declare(metrics, Gauge, "websocket_messages")
    metrics.counter("websocket_messages", "", ("route",)).inc(route="/ws")
    found = scraped(metrics)
    assert found["redis_errors_total"] == {(("command", "GET"),): 1.0}
    assert found["websocket_messages"] == {(): 0.0}
    assert "of another kind" in capsys.readouterr().err
    assert problems.counts() == {}


@pytest.mark.parametrize(
    ("name", "labels", "unit", "said"),
    [
        ("1st", (), "", "no digit first"),
        ("with space", (), "", "no digit first"),
        ("", (), "", "no digit first"),
        ("a", ("le",), "", "not le, quantile"),
        ("a", ("__name__",), "", "no '__' first"),
        ("a", ("b.c", "b_c"), "", "being the same"),
        ("a", ("b-c",), "", "expected letters"),
        ("a", (), "s" * 64, "expected a unit"),
    ],
)
def test_a_name_that_none_can_have_is_refused(metrics: Metrics, name: str, labels: Any, unit: str, said: str) -> None:
    """Where it is made: a scrape or a push with it would fail for all."""
    with pytest.raises(ValueError, match=said):
        declare(metrics, Counter, name, labels, unit=unit)


@pytest.mark.parametrize(
    ("name", "unit", "code", "word"),
    [
        ("boot_seconds", "s", "s", "seconds"),
        ("boot_seconds", "seconds", "s", "seconds"),
        ("sent_bytes_total", "By", "By", "bytes"),
        ("api.latency", "ms", "ms", ""),
        ("orders", "{order}", "{order}", ""),
    ],
)
def test_a_unit_is_pushed_and_exposed_where_the_name_has_it(
    metrics: Metrics, name: str, unit: str, code: str, word: str
) -> None:
    """OTLP has UCUM's code; OpenMetrics a word, and only where the name ends in it: names stay as they are."""
    made = declare(metrics, Counter, name, unit=unit)
    made.inc()
    sent = [one for one in pushed(metrics).values() if one.name in (name, f"{name}_total")]
    assert [one.unit for one in sent] == [code]
    text = write(metrics.collect(), OPENMETRICS).decode()
    flat = name.replace(".", "_").removesuffix("_total")
    assert (f"# UNIT {flat} {word}\n" in text) == bool(word)


def test_what_is_beyond_the_label_sets_is_still_counted(metrics: Metrics, problems: Problems) -> None:
    """At the limit each has its own; the next ones share one series, and the sum stays true."""
    made = declare(metrics, Counter, "hits_total", ("who",))
    for number in range(LABEL_SETS_MAX + 3):
        made.inc(who=number)
    found = scraped(metrics)["hits_total"]
    assert len(found) == LABEL_SETS_MAX + 1
    assert found[("who", OTHER),] == 3
    assert sum(found.values()) == LABEL_SETS_MAX + 3
    assert problems.counts() == {("label sets", "cardinality"): 3}


def test_a_gauge_whose_question_fails_keeps_no_other_from_being_read(metrics: Metrics, problems: Problems) -> None:
    """It has no value then, and the failure is counted."""

    def fails() -> float:
        raise ConnectionError("Redis is away")

    declare(metrics, Gauge, "bad").watch(fails)
    declare(metrics, Gauge, "good", ("queue",)).watch(lambda: 3, queue="a")
    found = scraped(metrics)
    assert math.isnan(found["bad"][()])
    assert found["good"] == {(("queue", "a"),): 3.0}
    assert sum(problems.counts().values()) == 1


def test_no_number_poisons_a_sum_and_no_bucket_is_missed(metrics: Metrics) -> None:
    """A measurement that is not a number is left out; bounds are inclusive, as `prometheus_client` has them."""
    ours = declare(metrics, Histogram, "ours", (), (1.0, 2.0))
    theirs = prometheus_client.Histogram("theirs", "", buckets=(1.0, 2.0), registry=CollectorRegistry())
    ours.record(math.nan)
    for value in (-1.0, 0.0, 1.0, 1.5, 2.0, 2.1, math.inf):
        ours.record(value)
        theirs.observe(value)
    expected = [sample.value for sample in theirs._child_samples() if sample.name in ("_bucket", "_count", "_sum")]
    assert [sample.value for sample in ours.labels()._child_samples()] == expected


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("has no name")


@pytest.mark.parametrize("kind", [Counter, Gauge, Histogram])
@pytest.mark.parametrize("label", [["a"], {"a": 1}, {1}, Unspeakable(), None, b"a", "\ud800", "x" * 100_000])
def test_any_label_is_taken(metrics: Metrics, kind: Any, label: Any) -> None:
    """Nothing raises into the app, and the page is still read."""
    made = declare(metrics, kind, "odd", ("label",))
    for _ in range(2):
        (made.record if kind is Histogram else made.add)(1, label=label)
    found = scraped(metrics)
    assert list(found[{Counter: "odd_total", Gauge: "odd", Histogram: "odd_sum"}[kind]].values()) == [2.0]
    assert "odd" in {name.removesuffix("_total") for name in pushed(metrics)}


@pytest.mark.parametrize("kind", [Counter, Gauge, Histogram])
@pytest.mark.parametrize(
    ("value", "counted"), [(Decimal("19.90"), 19.9), (3, 3.0), (True, 1.0), (None, 0.0), ("many", 0.0), ([1], 0.0)]
)
def test_any_number_is_taken_and_nothing_else(
    metrics: Metrics, problems: Problems, kind: Any, value: Any, counted: float
) -> None:
    """Money comes as a Decimal; what is no number is left out and counted, and nothing raises into the app."""
    made = declare(metrics, kind, "odd")
    (made.record if kind is Histogram else made.add)(value)
    found = scraped(metrics)
    assert found[{Counter: "odd_total", Gauge: "odd", Histogram: "odd_sum"}[kind]] == {(): counted}
    assert sum(problems.counts().values()) == (0 if counted else 1)
    if kind is Gauge:
        made.set(value)
        newest = declare(metrics, Gauge, "newest", mode="livemostrecent")
        newest.add(value)
        assert scraped(metrics)["newest"] == {(): counted}


@pytest.mark.parametrize(
    ("measure", "reason"),
    [
        (lambda kinds: kinds[Counter].inc("many"), "not_a_number"),
        (lambda kinds: kinds[Counter].add(None), "not_a_number"),
        (lambda kinds: kinds[Counter].inc(10**400), "not_a_number"),
        (lambda kinds: kinds[Counter].inc(math.nan), "not_a_number"),
        (lambda kinds: kinds[Counter].inc(-1), "negative"),
        (lambda kinds: kinds[Gauge].set("high"), "not_a_number"),
        (lambda kinds: kinds[Gauge].inc([1]), "not_a_number"),
        (lambda kinds: kinds[Gauge].dec("x"), "not_a_number"),
        (lambda kinds: kinds[Gauge].add(1j), "not_a_number"),
        (lambda kinds: kinds[Histogram].observe("long"), "not_a_number"),
        (lambda kinds: kinds[Histogram].record(None), "not_a_number"),
        (lambda kinds: kinds[Histogram].record(math.nan), "not_a_number"),
    ],
)
def test_a_series_that_is_kept_raises_as_little_as_its_metric(
    metrics: Metrics, problems: Problems, capfd: pytest.CaptureFixture[str], measure: Any, reason: str
) -> None:
    """What it cannot take is counted by reason, and one line names the metric."""
    kinds = {
        kind: declare(metrics, kind, f"odd_{kind.__name__.lower()}", ("a",)) for kind in (Counter, Gauge, Histogram)
    }
    kept = {kind: made.labels(a="x") for kind, made in kinds.items()}
    for _ in range(3):
        measure(kept)
    assert problems.counts() == {("measurements", reason): 3}
    (line,) = capfd.readouterr().err.splitlines()
    assert re.search(r"odd_(counter|gauge|histogram)(: expected a number, got | is a counter)", line), line
    assert {value for series in scraped(metrics).values() for value in series.values()} == {0.0}


def test_labels_may_be_given_in_their_order(metrics: Metrics, problems: Problems) -> None:
    """As with `prometheus_client`; one too many, or one that the metric does not have, is left out and counted."""
    made = metrics.get(Counter, Shape("calls_total", labels=("method", "route")), by_app=True)
    assert made.labels("GET", "/") is made.labels(route="/", method="GET")
    made.labels("GET", "/", "more").inc()
    made.inc(method="GET", route="/", other=1)
    assert scraped(metrics)["calls_total"] == {(("method", "GET"), ("route", "/")): 2.0}
    assert problems.counts() == {("labels", "unknown"): 2}


@pytest.mark.parametrize("kind", [Counter, Gauge, Histogram])
def test_a_label_without_a_value_is_none(metrics: Metrics, kind: Any) -> None:
    """An empty label is no label to Prometheus: it is not pushed either, so that both ways are one series."""
    made = declare(metrics, kind, "odd", ("kind", "shop"))
    (made.record if kind is Histogram else made.add)(1, shop="a")
    assert (("kind", ""), ("shop", "a")) in scraped(metrics)[
        {Counter: "odd_total", Gauge: "odd", Histogram: "odd_sum"}[kind]
    ]
    data = pushed(metrics)["odd_total" if kind is Counter else "odd"]
    (point,) = getattr(data, data.WhichOneof("data")).data_points
    assert [(one.key, one.value.string_value) for one in point.attributes] == [("shop", "a")]


def test_a_gauge_may_be_called_created(metrics: Metrics) -> None:
    """Only the times that `prometheus_client` keeps of counters and histograms are left out."""
    declare(metrics, Gauge, "linkups_created").set(5)
    declare(metrics, Counter, "invites_total").inc()
    assert scraped(metrics)["linkups_created"] == {(): 5.0}
    assert scraped(metrics, OPENMETRICS)["linkups_created"] == {(): 5.0}
    assert "linkups_created" in pushed(metrics)
    assert "invites_created" not in scraped(metrics)


def test_a_fork_begins_at_zero(metrics: Metrics) -> None:
    """What the parent had counted is the parent's to send; a lock that one of its threads holds is not held here."""
    counted = declare(metrics, Counter, "counted_total", ("a",))
    timed = declare(metrics, Histogram, "timed_seconds")
    held = declare(metrics, Gauge, "held")
    counted.inc(5, a="x")
    timed.record(1)
    held.set(7)
    reading, writing = os.pipe()
    with counted.labels(a="x")._value._lock, counted._family._lock:
        child = os.fork()
        if child == 0:
            try:
                counted.inc(1, a="x")
                found = scraped(metrics)
                told = [
                    *found["counted_total"].values(),
                    *found["timed_seconds_count"].values(),
                    *found["held"].values(),
                ]
                os.write(writing, repr(told).encode())
            finally:
                os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1000) == b"[1.0, 0.0, 7.0]"
    assert scraped(metrics)["counted_total"] == {(("a", "x"),): 5.0}
