"""Prometheus's HTTP API, asked as its clients ask, over what came in by remote write."""

import math
import struct
import time
import uuid
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE, AGGREGATION_TEMPORALITY_DELTA
from tests.conftest import KEY, TOKEN, Server
from tests.remote_write import HEADERS_1, PATH, STALE_BITS, packed, series_1, version_1

NOW = 1_700_000_000
STALE = struct.unpack("<d", STALE_BITS.to_bytes(8, "little"))[0]


@dataclass
class Asked:
    """Metrics whose names begin with `name`, and a client for their server."""

    client: httpx.Client
    name: str

    def get(self, path: str, **params: Any) -> httpx.Response:
        named = {("match[]" if key == "match" else key): value for key, value in params.items()}
        return self.client.get(f"/prometheus/api/v1/{path}", params=named)

    def data(self, path: str, **params: Any) -> Any:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "success"
        return answer.json()["data"]

    def vector(self, query: str, **params: Any) -> dict[str, str]:
        """Value by the label `i`."""
        found = self.data("query", query=query, time=NOW, **params)
        assert found["resultType"] == "vector"
        return {one["metric"].get("i", ""): one["value"][1] for one in found["result"]}


@pytest.fixture(scope="module")
def asked(server: Server) -> Iterator[Asked]:
    name = f"m{uuid.uuid4().hex[:8]}"
    special = {"nan": math.nan, "inf": math.inf, "less": -math.inf, "small": 1e-7, "large": 1e21, "whole": 3.0}
    series = [
        series_1(
            {"__name__": f"{name}_total", "i": str(number), "env": "prod" if number % 2 else "test"},
            samples=[{"value": number * step, "timestamp": (NOW - 600 + step * 15) * 1000} for step in range(41)],
            exemplars=[
                {
                    "labels": [{"name": "trace_id", "value": "ab" * 16}],
                    "value": 0.5,
                    "timestamp": NOW * 1000 - 1500,
                }
            ]
            if number == 1
            else [],
        )
        for number in range(4)
    ]
    series += [
        series_1({"__name__": f"{name}_special", "i": i}, samples=[{"value": value, "timestamp": NOW * 1000}])
        for i, value in special.items()
    ]
    ended = [{"value": 1, "timestamp": NOW * 1000 - 30_000}, {"value": STALE, "timestamp": NOW * 1000 - 15_000}]
    series.append(series_1({"__name__": f"{name}_ended", "i": "0"}, samples=ended))
    series.append(
        series_1({"__name__": f"{name}_utf", "http.status": "200"}, samples=[{"value": 1, "timestamp": NOW * 1000}])
    )
    native = {"count_int": 3, "sum": 4.5, "schema": 0, "zero_threshold": 0.001, "zero_count_int": 1}
    native |= {"timestamp": NOW * 1000, "positive_spans": [{"offset": 1, "length": 1}], "positive_deltas": [2]}
    series.append(series_1({"__name__": f"{name}_native"}, histograms=[native]))
    described = [{"type": 1, "metric_family_name": f"{name}_total", "help": "What was counted.", "unit": ""}]
    with server.door() as door:
        body = packed(version_1(*series, metadata=described))
        headers = {**HEADERS_1, "x-midwatch-wait": "visible"}
        assert door.post(PATH, content=body, headers=headers).status_code == 204
    with server.api() as client:
        yield Asked(client, name)


def test_an_instant_query(asked: Asked) -> None:
    """Rates, and numbers as Prometheus writes them."""
    assert asked.vector(f"increase({asked.name}_total[5m])") == {"0": "0", "1": "20", "2": "40", "3": "60"}
    written = {"nan": "NaN", "inf": "+Inf", "less": "-Inf", "small": "1e-7", "large": "1e+21", "whole": "3"}
    assert asked.vector(f"{asked.name}_special") == written
    found = asked.data("query", query=f"{asked.name}_special", time=f"{NOW}.25")["result"]
    assert found[0]["value"][0] == NOW + 0.25
    assert found[0]["metric"]["__name__"] == f"{asked.name}_special"
    assert asked.data("query", query="1 + 1", time=NOW) == {"resultType": "scalar", "result": [NOW, "2"]}
    assert asked.vector(f'{asked.name}_special{{i!="\\xff",i="whole"}}') == {"whole": "3"}
    assert asked.data("query", query='"a"', time=NOW) == {"resultType": "string", "result": [NOW, "a"]}


def test_a_series_that_ended_is_gone(asked: Asked) -> None:
    """At its stale marker, where it is asked for as it stands; a window still has what was before."""
    assert asked.vector(f"{asked.name}_ended") == {}
    assert asked.vector(f"count_over_time({asked.name}_ended[5m])") == {"0": "1"}


def test_a_range_query_by_form(asked: Asked) -> None:
    """As Grafana sends it: POST, times with fractions, a step as a duration."""
    form = {"query": f"sum({asked.name}_total)", "start": f"{NOW - 30}.0", "end": str(NOW), "step": "15s"}
    answer = asked.client.post("/prometheus/api/v1/query_range", data=form)
    assert answer.json()["data"] == {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [[NOW - 30, "228"], [NOW - 15, "234"], [NOW, "240"]]}],
    }


def test_a_native_histogram(asked: Asked) -> None:
    """Buckets with their bounds and which of them count, as Prometheus writes them."""
    found = asked.data("query", query=f"{asked.name}_native", time=NOW)["result"][0]["histogram"]
    buckets = [[3, "-0.001", "0.001", "1"], [0, "1", "2", "2"]]
    assert found == [NOW, {"count": "3", "sum": "4.5", "buckets": buckets}]


def test_lists(asked: Asked) -> None:
    """Series, label names and values, of names with any characters too; narrowed, cut and by environment."""
    name = asked.name
    total = {"match": f"{name}_total", "start": NOW - 60, "end": NOW}
    assert sorted(one["i"] for one in asked.data("series", **total)) == ["0", "1", "2", "3"]
    assert asked.data("labels", **total) == ["__name__", "env", "i"]
    assert asked.data("label/i/values", **total) == ["0", "1", "2", "3"]
    assert asked.data("label/i/values", **total, env="prod") == ["1", "3"]
    assert asked.data("label/U__http_2e_status/values", match=f'{{__name__="{name}_utf"}}') == ["200"]
    names = asked.data("label/__name__/values", match=f'{{__name__=~"{name}.*"}}')
    assert names == sorted(f"{name}_{rest}" for rest in ("ended", "native", "special", "total", "utf"))
    cut = asked.get("label/i/values", **total, limit=2).json()
    assert (cut["data"], cut["warnings"]) == (["0", "1"], ["results truncated due to limit"])
    assert asked.data("series", match=[f"{name}_utf", f"{name}_ended"])[0]["__name__"] == f"{name}_ended"
    assert asked.vector(f"{name}_total > 0", env="test") == {"2": "80"}


def test_what_is_told_of_metrics(asked: Asked) -> None:
    """Metadata, exemplars, and how many series there are by name and label."""
    name = asked.name
    metadata = {f"{name}_total": [{"type": "counter", "help": "What was counted.", "unit": ""}]}
    assert asked.data("metadata", metric=f"{name}_total") == metadata
    found = asked.data("query_exemplars", query=f"rate({name}_total[1m]) > 0", start=NOW - 60, end=NOW)
    exemplar = {"labels": {"trace_id": "ab" * 16}, "value": "0.5", "timestamp": NOW - 1.5}
    assert found == [{"seriesLabels": {"__name__": f"{name}_total", "env": "prod", "i": "1"}, "exemplars": [exemplar]}]
    report = asked.data("status/tsdb", start=NOW - 60, end=NOW, limit=500)
    assert {"name": f"{name}_special", "value": 6} in report["seriesCountByMetricName"]
    assert {"name": "env=prod", "value": 2} in report["seriesCountByLabelValuePair"]
    assert report["headStats"]["numSeries"] >= 13


def test_queries_are_formatted_and_explained(asked: Asked) -> None:
    """The same text on one line, and the tree that the page draws."""
    query = 'sum by (a) (rate(m{b="c"}[5m]))'
    assert asked.data("format_query", query=" sum(rate(m{b='c'}[5m]))by(a) ") == query
    tree = asked.data("parse_query", query=query)
    assert (tree["type"], tree["op"], tree["grouping"]) == ("aggregation", "sum", ["a"])
    assert tree["expr"]["args"][0]["range"] == 300_000


@pytest.mark.parametrize("path", ["targets", "rules", "alerts", "status/buildinfo", "status/runtimeinfo"])
def test_what_clients_look_at_first(asked: Asked, path: str) -> None:
    """An object, also where nothing is there yet."""
    assert isinstance(asked.data(path), dict)


@pytest.mark.parametrize(
    ("path", "params", "status", "kind", "said"),
    [
        ("query", {"query": "up +"}, 400, "bad_data", "1:5: parse error: unexpected end of input"),
        ("query", {}, 400, "bad_data", 'invalid parameter "query"'),
        ("query", {"query": "up", "time": "soon"}, 400, "bad_data", 'cannot parse "soon" to a valid timestamp'),
        ("query", {"query": "up", "timeout": "1x"}, 400, "bad_data", 'cannot parse "1x" to a valid duration'),
        ("query", {"query": "up", "limit": "-1"}, 400, "bad_data", 'invalid parameter "limit"'),
        ("query_range", {"query": "up", "start": 1, "end": 2}, 400, "bad_data", 'invalid parameter "step"'),
        ("query_range", {"query": "up", "start": 1, "end": 2, "step": 0}, 400, "bad_data", "zero or negative"),
        ("query_range", {"query": "up", "start": 1, "end": 1e6, "step": 1}, 400, "bad_data", "maximum resolution"),
        ("query", {"query": "up", "timeout": "0.000001"}, 503, "timeout", "query timed out"),
        ("query", {"query": "label_replace(up, 'a', 'b', 'c', '(')"}, 422, "execution", "invalid regular expression"),
        ("query", {"query": r'label_replace(up, "\xff", "", "a", "(.*)")'}, 422, "execution", "invalid"),
        ("series", {}, 400, "bad_data", "no match[] parameter provided"),
        ("series", {"match": "{}"}, 400, "bad_data", "at least one non-empty matcher"),
        ("label/%00/values", {"match": "up", "start": 2, "end": 1}, 400, "bad_data", "not before start"),
        ("nothing", {}, 404, "not_found", ""),
    ],
)
def test_refusals(asked: Asked, path: str, params: dict[str, Any], status: int, kind: str, said: str) -> None:
    """With Prometheus's shape and status; the text names the mistake."""
    answer = asked.get(path, **params)
    assert answer.status_code == status, answer.text
    found = answer.json()
    assert (found["status"], found["errorType"]) == ("error", kind)
    assert said in found["error"]


def test_a_token_is_the_password_of_basic(server: Server, asked: Asked) -> None:
    """As Grafana's data source sends it; an ingest key reads nothing."""
    for password, status in ((TOKEN, 200), (KEY, 403), ("mwt_unknown", 401)):
        basic = b64encode(f"grafana:{password}".encode()).decode()
        with server.api(token=None) as client:
            answer = client.get(
                "/prometheus/api/v1/query", params={"query": "1"}, headers={"authorization": f"Basic {basic}"}
            )
        assert answer.status_code == status
        assert answer.json()["status"] == ("success" if status == 200 else "error")


def test_deleted_series_are_gone(server: Server, asked: Asked) -> None:
    """Samples and names, of the series that were meant and no others."""
    name = f"{asked.name}_deleted"
    series = [series_1({"__name__": name, "i": i}, samples=[{"value": 1, "timestamp": NOW * 1000}]) for i in ("0", "1")]
    with server.door() as door:
        headers = {**HEADERS_1, "x-midwatch-wait": "visible"}
        assert door.post(PATH, content=packed(version_1(*series)), headers=headers).status_code == 204
    assert asked.vector(name) == {"0": "1", "1": "1"}
    answer = asked.client.post("/prometheus/api/v1/admin/tsdb/delete_series", params={"match[]": f'{name}{{i="0"}}'})
    assert (answer.status_code, answer.content) == (204, b"")
    assert asked.vector(name) == {"1": "1"}
    assert asked.data("label/i/values", match=name) == ["1"]
    with server.door() as door:  # The same body is no repeat of one whose series are there.
        assert door.post(PATH, content=packed(version_1(*series)), headers=headers).status_code == 204
    assert asked.vector(name) == {"0": "1", "1": "1"}


def test_a_metric_answers_to_the_name_it_was_sent_under(asked: Asked, server: Server) -> None:
    """Dotted as OpenTelemetry has it, and underscored without suffixes; never in place of a series of that name."""
    name = f"n{uuid.uuid4().hex[:8]}"
    request, now = ExportMetricsServiceRequest(), time.time()
    metrics = request.resource_metrics.add().scope_metrics.add().metrics
    latency = metrics.add(name=f"{name}.latency", unit="ms").gauge.data_points.add(as_double=7)
    created = metrics.add(name=f"{name}.created").sum
    created.is_monotonic, created.aggregation_temporality = True, AGGREGATION_TEMPORALITY_CUMULATIVE
    plain = metrics.add(name=f"{name}.plain.created").sum
    plain.is_monotonic, plain.aggregation_temporality = True, AGGREGATION_TEMPORALITY_CUMULATIVE
    points = [latency, created.data_points.add(as_int=5), plain.data_points.add(as_int=6)]
    points.append(metrics.add(name=f"{name}_plain_created").gauge.data_points.add(as_double=8))
    for point in points:
        point.time_unix_nano = int((now - 5) * 1e9)
    with server.door() as door:
        sent = door.post("/v1/metrics", params={"wait": "visible"}, content=request.SerializeToString())
        assert sent.status_code == 200, sent.text

    def values(query: str) -> list[tuple[str, str]]:
        found = asked.data("query", query=query, time=now)["result"]
        return [(one["metric"].get("__name__", ""), one["value"][1]) for one in found]

    stored = f"{name}_latency_milliseconds"
    for query in (f'{{"{name}.latency"}}', f'{{__name__="{name}.latency"}}', f"{name}_latency", stored):
        assert values(query) == [(stored, "7")], query
    assert values(f"{name}_created") == [(f"{name}_created_total", "5")]
    assert values(f"max_over_time({name}_created[1m])") == [("", "5")]
    assert values(f"sum(stdvar_over_time({name}_latency[1m]))") == [("", "0")]
    assert values(f"{name}_plain_created") == [(f"{name}_plain_created", "8")]
    assert values(f'{name}_plain_created{{job="none"}}') == []
    assert values(f'{{"{name}.nothing"}}') == []
    listed = asked.data("series", match=f'{{"{name}.latency"}}', start=now - 60, end=now)
    assert [one["__name__"] for one in listed] == [stored]
    assert asked.data("label/__name__/values", match=f"{name}_created", start=now - 60, end=now) == [
        f"{name}_created_total"
    ]


def test_deltas_come_to_what_was_counted(asked: Asked, server: Server) -> None:
    """rate() and increase() of a young counter are the sum of its deltas, wherever a window's edges lie."""
    name, begin = f"d{uuid.uuid4().hex[:8]}", int(time.time()) - 600
    request = ExportMetricsServiceRequest()
    metrics = request.resource_metrics.add().scope_metrics.add().metrics
    for metric, count in ((f"{name}.jobs", 8), (f"{name}.once", 1)):
        total = metrics.add(name=metric).sum
        total.is_monotonic, total.aggregation_temporality = True, AGGREGATION_TEMPORALITY_DELTA
        for place in range(count):
            start = begin + 10 * place
            times = {"start_time_unix_nano": start * 10**9, "time_unix_nano": (start + 10) * 10**9}
            total.data_points.add(as_int=100, **times)
    with server.door() as door:
        sent = door.post("/v1/metrics", params={"wait": "visible"}, content=request.SerializeToString())
        assert sent.status_code == 200, sent.text

    def value(query: str, at: float) -> float:
        found = asked.data("query", query=query.replace("JOBS", f"{name}_jobs_total"), time=at)["result"]
        return float(found[0]["value"][1]) if found else 0.0

    for late in (80, 85, 89, 200):
        assert value("increase(JOBS[5m])", begin + late) == 800
        assert value("rate(JOBS[5m])", begin + late) == pytest.approx(800 / 300)
        assert value("increase(JOBS[5m]) + 0 * stdvar_over_time(JOBS[5m])", begin + late) == 800
        assert value(f"increase({name}_once_total[5m])", begin + late) == 100
    assert value("increase(JOBS[30s])", begin + 35) == 300
    assert value("increase(JOBS[30s] offset 10s)", begin + 45) == 300
    assert value("increase(JOBS[5m] anchored)", begin + 85) == 800
    query = {"query": f"increase({name}_jobs_total[20s])", "start": begin + 15, "end": begin + 95, "step": 20}
    steps = [float(one) for _, one in asked.data("query_range", **query)["result"][0]["values"]]
    assert steps == [100, 200, 200, 200, 100]
    fixed = {**query, "query": f"increase({name}_jobs_total[5m] @ {begin + 85})"}
    assert {one for _, one in asked.data("query_range", **fixed)["result"][0]["values"]} == {"800"}


def test_filters_beside_a_query_narrow_all_of_it(asked: Asked) -> None:
    """`extra_filters[]` reaches each selector; one that is no matcher is named; a query's own mistake stays its own."""
    query = f"count({asked.name}_total) + count({asked.name}_total)"
    everything, narrow = (
        asked.data("query", query=query, time=NOW, **more)["result"][0]["value"][1]
        for more in ({}, {"extra_filters[]": ['{env="prod"}', '{i!="1"}']})
    )
    [odd] = asked.data("query", query=f'count({asked.name}_total{{env="prod",i!="1"}})', time=NOW)["result"]
    assert float(narrow) == 2 * float(odd["value"][1]) < float(everything)
    span = {"start": NOW - 60, "end": NOW, "step": 15, "extra_filters[]": '{i="1"}'}
    assert [one["metric"]["i"] for one in asked.data("query_range", query=f"{asked.name}_total", **span)["result"]] == [
        "1"
    ]
    refused = asked.get("query", query="up", time=NOW, **{"extra_filters[]": "{job=}"})
    assert refused.status_code == 400
    assert "extra_filters[]" in refused.json()["error"]
