"""Series of what is stored as spans and log records: sent by OTLP, asked for in PromQL, held against own counts."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

MINUTE = 60_000
CALLS = "traces_span_metrics_calls_total"
DURATION = "traces_span_metrics_duration_milliseconds"
TEN_PERCENT = "ot=th:e666666666667"
"""Nine of ten are dropped: each span stands for ten."""
Sent = list[tuple[int, Any]]
"""Times in milliseconds, and what was sent at each."""


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Its plan is these tests'."""
    started = Server(tmp_path_factory.mktemp("derived")).start()
    yield started
    if started.process is not None and started.process.poll() is None:
        started.stop()


@pytest.fixture
def service() -> str:
    return f"d{uuid.uuid4().hex[:10]}"


def base_ms() -> int:
    """A full minute, two hours ago."""
    return int(time.time() // 60 - 120) * MINUTE


def plan(server: Server, text: str) -> dict[str, Any]:
    with server.api() as api:
        answer = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": text}})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def send(server: Server, path: str, body: Any) -> None:
    with server.door() as door:
        answer = door.post(path, params={"wait": "visible"}, content=body.SerializeToString())
    assert answer.status_code == 200, answer.text


def send_spans(server: Server, service: str, spans: Sent, **resource: Any) -> None:
    """Each with the fields that stand beside its time."""
    made = []
    for time_ms, fields in spans:
        milliseconds = fields.pop("milliseconds", 20)
        start = time_ms * 1_000_000
        end = start + int(milliseconds * 1_000_000)
        made.append(bodies.span(start_time_unix_nano=start, end_time_unix_nano=end, **fields))
    send(server, "/v1/traces", bodies.traces(service, made, **resource))


def send_logs(server: Server, service: str, records: Sent, **resource: Any) -> None:
    made = [{"time_unix_nano": time_ms * 1_000_000, **fields} for time_ms, fields in records]
    send(server, "/v1/logs", bodies.logs(service, made, **resource))


def ask(server: Server, path: str, **params: Any) -> Any:
    with server.api() as api:
        answer = api.get(f"/prometheus/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def instant(server: Server, query: str, time_ms: int, **params: Any) -> dict[tuple[tuple[str, str], ...], float]:
    """Values by labels."""
    found = ask(server, "query", query=query, time=time_ms / 1000, **params)["data"]["result"]
    return {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in found}


def number(server: Server, query: str, time_ms: int, **params: Any) -> float:
    """The one value of the answer."""
    found = instant(server, query, time_ms, **params)
    assert len(found) == 1, found
    return next(iter(found.values()))


def ranged(server: Server, query: str, start_ms: int, end_ms: int, step_ms: int) -> dict[int, float]:
    """Values of the one series of the answer, by time."""
    params = {"start": start_ms / 1000, "end": end_ms / 1000, "step": step_ms / 1000}
    found = ask(server, "query_range", query=query, **params)["data"]["result"]
    assert len(found) == 1, found
    return {round(moment * 1000): float(value) for moment, value in found[0]["values"]}


def within(times: list[int], end_ms: int, window_ms: int) -> int:
    return sum(end_ms - window_ms < one <= end_ms for one in times)


def test_spans_are_requests_errors_and_durations(derived: Server, service: str) -> None:
    """By service, operation, kind and status; a sampled span counts for all that it stands for."""
    base = base_ms()
    failed = {"status": Status(code=Status.STATUS_CODE_ERROR), "name": "POST /pay", "milliseconds": 350}
    spans: Sent = [(base + 1000 * place, {}) for place in range(30)]
    spans += [(base + 1500 * place, dict(failed)) for place in range(7)]
    spans += [(base + 2000, {"trace_state": TEN_PERCENT, "name": "GET /rare", "milliseconds": 3}) for _ in range(4)]
    spans += [(base + 2000, {"kind": Span.SPAN_KIND_CLIENT, "name": "SELECT", "milliseconds": 20_000})]
    send_spans(derived, service, spans, **{"deployment.environment.name": "production"})
    at = base + 5 * MINUTE
    who = f'job="{service}"'
    found = instant(derived, f"sum by (span_name, span_kind, status_code) (increase({CALLS}{{{who}}}[10m]))", at)
    counted = {tuple(text for _, text in labels): round(value, 6) for labels, value in found.items()}
    assert counted == {
        ("SPAN_KIND_SERVER", "GET /things", "STATUS_CODE_UNSET"): 30,
        ("SPAN_KIND_SERVER", "POST /pay", "STATUS_CODE_ERROR"): 7,
        ("SPAN_KIND_SERVER", "GET /rare", "STATUS_CODE_UNSET"): 40,
        ("SPAN_KIND_CLIENT", "SELECT", "STATUS_CODE_UNSET"): 1,
    }
    (labels,) = instant(derived, f'rate({CALLS}{{{who},span_name="SELECT"}}[5m])', at)
    assert dict(labels) == {
        "job": service,
        "service_name": service,
        "env": "production",
        "span_name": "SELECT",
        "span_kind": "SPAN_KIND_CLIENT",
        "status_code": "STATUS_CODE_UNSET",
    }
    by_le = instant(derived, f"sum by (le) (increase({DURATION}_bucket{{{who}}}[10m]))", at)
    buckets = {dict(labels)["le"]: round(value, 6) for labels, value in by_le.items()}
    assert len(buckets) == 17
    assert [buckets[le] for le in ("2", "4", "10", "50", "200", "400", "15000", "+Inf")] == [
        *(0, 40, 40, 70, 70, 77, 77, 78)
    ]
    assert number(derived, f"sum(increase({DURATION}_count{{{who}}}[10m]))", at) == pytest.approx(78)
    milliseconds = 30 * 20 + 7 * 350 + 40 * 3 + 20_000
    assert number(derived, f"sum(increase({DURATION}_sum{{{who}}}[10m]))", at) == pytest.approx(milliseconds)
    quantile = f"histogram_quantile(0.5, sum by (le) (rate({DURATION}_bucket{{{who}}}[10m])))"
    assert 2 <= number(derived, quantile, at) <= 4


def test_log_records_by_level_and_event(derived: Server, service: str) -> None:
    """Every record counts, those that are no events included."""
    base = base_ms()
    records: Sent = [(base + place, {"event_name": "sms.sent", "severity_number": 9}) for place in range(12)]
    records += [(base + place, {"severity_number": 17, "body": "failed"}) for place in range(3)]
    send_logs(derived, service, records)
    query = f'sum by (level, event_name) (increase(log_records_total{{service_name="{service}"}}[5m]))'
    assert instant(derived, query, base + MINUTE) == {
        (("event_name", "sms.sent"), ("level", "info")): 12,
        (("level", "error"),): 3,
    }


def test_windows_are_exact_whatever_the_step(derived: Server, service: str) -> None:
    """Each window holds what was sent in it, its end included; with rate by its length, and also from samples."""
    base = base_ms()
    times = [base + 137 * place for place in range(1500)]
    send_logs(derived, service, [(one, {}) for one in times])
    series = f'log_records_total{{job="{service}"}}'
    for window, step in ((MINUTE, 15_000), (5 * MINUTE, 7000), (30_000, 41_000)):
        found = ranged(derived, f"increase({series}[{window}ms])", base + 1234, base + 6 * MINUTE, step)
        assert len(found) == (6 * MINUTE - 1234) // step + 1
        assert found == {at: within(times, at, window) for at in found}
        rates = ranged(derived, f"rate({series}[{window}ms])", base + 1234, base + 6 * MINUTE, step)
        assert rates == {at: pytest.approx(value * 1000 / window) for at, value in found.items()}
    # What looks at samples sees one at each full quarter of a minute.
    counted = ranged(derived, f"count_over_time({series}[1m])", base + MINUTE, base + 3 * MINUTE, MINUTE)
    assert set(counted.values()) == {4}
    assert number(derived, f"sum(increase({series}[2m:15s]))", base + 2 * MINUTE) > 0


def test_a_counter_stands_still_for_a_day_and_begins_anew_at_midnight(derived: Server, service: str) -> None:
    """Silence is 0 and not nothing, or no alert could tell of it; a reading is what came since midnight (UTC)."""
    midnight = int(time.time() // 86_400 - 1) * 86_400_000
    times = [midnight - 3 * MINUTE, midnight - MINUTE, midnight, midnight + MINUTE, midnight + 2 * MINUTE]
    send_logs(derived, service, [(one, {}) for one in times])
    series = f'log_records_total{{job="{service}"}}'
    assert ranged(derived, series, midnight - 4 * MINUTE, midnight + 3 * MINUTE, MINUTE) == {
        midnight - 3 * MINUTE: 1,
        midnight - 2 * MINUTE: 1,
        midnight - MINUTE: 2,
        midnight: 1,
        midnight + MINUTE: 2,
        midnight + 2 * MINUTE: 3,
        midnight + 3 * MINUTE: 3,
    }
    over = ranged(derived, f"increase({series}[5m])", midnight + 2 * MINUTE, midnight + 3 * MINUTE, MINUTE)
    assert over == {midnight + 2 * MINUTE: 4, midnight + 3 * MINUTE: 4}
    sampled = number(derived, f"sum(increase(({series})[5m:1m]))", midnight + 2 * MINUTE)
    assert sampled > 0
    silent = midnight + 20 * 60 * MINUTE
    assert number(derived, f"increase({series}[15m])", silent) == 0
    gone = midnight + 25 * 60 * MINUTE
    assert instant(derived, f"increase({series}[15m])", gone) == {}
    assert instant(derived, series, gone) == {}


def test_only_the_environments_asked_for(derived: Server, service: str) -> None:
    """Under any of the names that the plan gives them, as a label, and by none."""
    plan(derived, "environments: {production: {default: true, aliases: [live]}, staging: {}}")
    base = base_ms()
    for env, count in (("live", 3), ("staging", 5)):
        send_spans(derived, service, [(base + n, {}) for n in range(count)], **{"deployment.environment.name": env})
    query = f'sum(increase({CALLS}{{job="{service}"}}[5m]))'
    assert number(derived, query, base + MINUTE) == 8
    assert number(derived, query, base + MINUTE, env="production") == 3
    assert number(derived, query, base + MINUTE, env="staging") == 5
    assert number(derived, query.replace("job=", 'env="live",job='), base + MINUTE) == 3


JOSH = """derived_metrics:
  - name: sms_outbound_sent_total
    help: Messages that went out
    from: logs
    search: 'event:sms.outbound.sent'
    by: [purpose]
  - name: sms_outbound_failed_total
    from: logs
    search: 'event:sms.outbound.failed'
    by: [purpose, reason]
  - {name: llm_cost_dollars_total, from: logs, search: 'event:llm.intent.result', value: cost_usd, by: [model]}
  - name: llm_latency_ms
    from: logs
    search: 'event:llm.intent.result'
    type: histogram
    value: latency_ms
    buckets: [100, 250, 500]
    by: [model]
  - {name: slow_requests_total, from: spans, search: 'kind:server duration:>100ms', by: [http.route]}
"""


def _josh(server: Server, service: str, base: int) -> None:
    def sent(place: int, event: str, **attributes: Any) -> tuple[int, Any]:
        return base + place * 1000, {"event_name": event, "attributes": attributes}

    records = [sent(n, "sms.outbound.sent", purpose=("otp", "invite")[n % 2]) for n in range(9)]
    records += [sent(n, "sms.outbound.failed", purpose="otp", reason="blocked") for n in range(2)]
    records += [
        sent(n, "llm.intent.result", model="small", cost_usd=0.25, latency_ms=ms)
        for n, ms in enumerate((100, 100.5, 260, 9000))
    ]
    records += [sent(1, "llm.intent.result", model="small", cost_usd="free", latency_ms=-1)]
    send_logs(server, service, records, **{"deployment.environment.name": "production"})
    spans: Sent = [(base, {"milliseconds": ms, "attributes": {"http.route": "/x"}}) for ms in (20, 150, 250)]
    send_spans(server, service, spans)


def test_what_a_plan_declares_is_counted_also_of_what_came_before(derived: Server, service: str) -> None:
    """JOSH's counters and histogram as log events; declared, changed and removed while the server runs."""
    base = base_ms()
    plan(derived, "{}")
    _josh(derived, service, base)
    at = base + 2 * MINUTE
    where = f'{{job="{service}"}}'
    assert instant(derived, f"increase(sms_outbound_sent_total{where}[5m])", at) == {}
    plan(derived, JOSH)
    given = {"job": service, "env": "production"}
    sent = instant(derived, f"increase(sms_outbound_sent_total{where}[5m])", at)
    assert sent == {
        tuple(sorted({**given, "purpose": "otp"}.items())): 5,
        tuple(sorted({**given, "purpose": "invite"}.items())): 4,
    }
    (failed,) = instant(derived, f"sms_outbound_failed_total{where}", at)
    assert dict(failed) == {**given, "__name__": "sms_outbound_failed_total", "purpose": "otp", "reason": "blocked"}
    assert number(derived, f"increase(llm_cost_dollars_total{where}[5m])", at) == 1
    by_le = instant(derived, f"increase(llm_latency_ms_bucket{where}[5m])", at)
    assert {dict(labels)["le"]: value for labels, value in by_le.items()} == {"100": 2, "250": 3, "500": 4, "+Inf": 5}
    assert number(derived, f"increase(llm_latency_ms_sum{where}[5m])", at) == pytest.approx(9459.5)
    assert number(derived, f"increase(slow_requests_total{where}[5m])", at) == 2
    plan(derived, JOSH.replace("by: [purpose]\n", "by: []\n").replace("slow_requests_total", "slower_total"))
    assert number(derived, f"increase(sms_outbound_sent_total{where}[5m])", at) == 9
    assert instant(derived, f"slow_requests_total{where}", at) == {}
    assert number(derived, f"increase(slower_total{where}[5m])", at) == 2


def test_a_late_item_counts_at_once_and_once(derived: Server, service: str) -> None:
    """Also when the server is killed and started again, with what it had acknowledged."""
    base = base_ms()
    plan(derived, JOSH)
    _josh(derived, service, base)
    query = f'sum(increase(sms_outbound_sent_total{{job="{service}"}}[5m]))'
    at = base + 2 * MINUTE
    assert number(derived, query, at) == 9
    late = {"event_name": "sms.outbound.sent", "attributes": {"purpose": "otp"}}
    send_logs(derived, service, [(base + 500, late)])
    assert number(derived, query, at) == 10
    body = bodies.logs(service, [{"time_unix_nano": (base + 700) * 1_000_000, **late}])
    with derived.door() as door:  # acknowledged, and not waited for
        assert door.post("/v1/logs", content=body.SerializeToString()).status_code == 200
    derived.kill()
    derived.start()
    eventually(lambda: number(derived, query, at) == 11)


def test_lists_have_what_is_derived(derived: Server, service: str) -> None:
    """`series`, `labels`, values of labels and `metadata`: what completion and variables of boards are made of."""
    base = base_ms()
    plan(derived, JOSH)
    _josh(derived, service, base)
    where = f'{{job="{service}"}}'
    span = {"start": base / 1000 - 60, "end": base / 1000 + 120}
    found = ask(derived, "series", **{"match[]": f"sms_outbound_sent_total{where}"}, **span)["data"]
    assert sorted(one["purpose"] for one in found) == ["invite", "otp"]
    buckets = ask(derived, "series", **{"match[]": f'llm_latency_ms_bucket{{job="{service}",le!="+Inf"}}'}, **span)
    assert sorted(one["le"] for one in buckets["data"]) == ["100", "250", "500"]
    names = ask(derived, "label/__name__/values", **{"match[]": where}, **span)["data"]
    assert {CALLS, f"{DURATION}_bucket", "log_records_total", "sms_outbound_sent_total", "llm_latency_ms_sum"} <= {
        *names
    }
    assert {"__name__", "purpose", "le", "span_name", "level"} <= {*ask(derived, "labels", **span)["data"]}
    values = ask(derived, "label/purpose/values", **{"match[]": f"sms_outbound_sent_total{where}"}, **span)["data"]
    assert values == ["invite", "otp"]
    assert service in ask(derived, "label/job/values", **span)["data"]
    assert ask(derived, "label/le/values", **{"match[]": f"llm_latency_ms_bucket{where}"}, **span)["data"] == [
        *("+Inf", "100", "250", "500")
    ]
    told = ask(derived, "metadata")["data"]
    assert told["sms_outbound_sent_total"] == [{"type": "counter", "help": "Messages that went out", "unit": ""}]
    assert told[DURATION][0]["type"] == "histogram"


def test_series_over_the_limit_are_counted_in_one(derived: Server, service: str) -> None:
    """The sum stays right, the answer warns, and `/metrics` counts it."""
    base = base_ms()
    plan(
        derived,
        "derived_metrics: [{name: visits_total, from: logs, search: 'event:visit', by: [visitor], series_max: 3}]",
    )
    visits = [visitor for visitor in range(1, 8) for _ in range(visitor)]
    send_logs(
        derived,
        service,
        [(base + n, {"event_name": "visit", "attributes": {"visitor": f"v{v}"}}) for n, v in enumerate(visits)],
    )
    query = f'increase(visits_total{{job="{service}"}}[5m])'
    answer = ask(derived, "query", query=query, time=base / 1000 + 60)
    counted = {one["metric"].get("visitor"): float(one["value"][1]) for one in answer["data"]["result"]}
    assert counted == {"v7": 7, "v6": 6, "v5": 5, None: 10}
    rest = next(one["metric"] for one in answer["data"]["result"] if "visitor" not in one["metric"])
    assert rest == {"otel_metric_overflow": "true"}
    assert any("4 series more than 3" in one for one in answer["warnings"])
    with derived.api(None) as api:
        assert 'midwatch_derived_series_over_limit_total{metric="visits_total"} 1.0' in api.get("/metrics").text


def test_a_name_that_is_sent_is_the_senders(derived: Server, service: str) -> None:
    """Stored series of a name are answered alone: nothing is counted twice beside a collector that does the same."""
    plan(derived, "derived_metrics: [{name: queue_jobs, from: logs}]")
    send_logs(derived, service, [(int(time.time() * 1000) - 1000, {})])
    now = int(time.time() * 1000)
    assert number(derived, f'increase(queue_jobs{{job="{service}"}}[5m])', now) == 1
    send(derived, "/v1/metrics", bodies.gauge(service, "queue.jobs", 42))
    now = int(time.time() * 1000) + 1000
    assert number(derived, f'queue_jobs{{job="{service}"}}', now) == 42


@pytest.mark.parametrize(
    ("declaration", "line", "problem"),
    [
        ("- {name: a_total, from: logs, search: 'event:('}", 2, "search: column 8: the search ends too early"),
        ("- {name: a_total, from: spans,\n     search: 'kind:servr'}", 3, "expected one of unspecified, internal"),
        ("- {name: a_total, from: traces}", 2, "from=traces: expected 'logs' or 'spans'"),
        ("- {name: a total, from: logs}", 2, "expected letters, digits, underscores and colons"),
        (f"- {{name: {CALLS}, from: spans}}", 2, "Midwatch has a metric of this name by itself"),
        ("- {name: a, from: logs, type: histogram}", 2, "a histogram needs a value"),
        ("- {name: a, from: spans, type: histogram, value: duration, buckets: [2, 1]}", 2, "expected rising numbers"),
        ("- {name: a_total, from: logs}\n  - {name: a_total, from: logs}", 3, "a name that no other metric has"),
        ("- {name: a_total, from: logs, by: [env]}", 2, "every metric has it"),
        ("- {name: a_total, from: logs, wherever: x}", 2, "wherever: unknown key"),
    ],
)
def test_a_wrong_declaration_is_told_with_its_place(derived: Server, declaration: str, line: int, problem: str) -> None:
    """And what was in force stays so."""
    told = plan(derived, f"derived_metrics:\n  {declaration}\n")
    assert not told["ok"]
    assert any(one["line"] == line and problem in one["message"] for one in told["problems"]), told


def test_the_board_service_red_has_data_as_soon_as_spans_come(derived: Server, service: str) -> None:
    """Each of its questions has an answer, whatever SDK sent them."""
    base = base_ms()
    failed = {"status": Status(code=Status.STATUS_CODE_ERROR), "milliseconds": 350}
    send_spans(derived, service, [(base + 1000 * place, dict(failed)) for place in range(5)])
    with derived.api() as api:
        board = api.get("/api/v1/dashboards/midwatch-service-red").json()
    queries = [one for one in strings(board["dashboard"], "text") if "$service" in one]
    assert len(queries) == 12
    for query in queries:
        asked = query.replace("$service", service).replace("$env", ".*").replace("$__rate_interval", "5m")
        assert instant(derived, asked, base + MINUTE), query


def strings(value: Any, name: str) -> list[str]:
    """Texts under a key, however deep."""
    if isinstance(value, list):
        return [found for one in value for found in strings(one, name)]
    if not isinstance(value, dict):
        return []
    own = [value[name]] if isinstance(value.get(name), str) else []
    return own + [found for one in value.values() for found in strings(one, name)]
