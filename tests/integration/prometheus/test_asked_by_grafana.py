"""What Grafana asks of a Prometheus data source (pkg/promlib, packages/grafana-prometheus in its source), in order."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.conftest import TOKEN, Server
from tests.remote_write import HEADERS_1, PATH, packed, series_1, version_1

SERIES_LIMIT = 40_000
"""Grafana's own default of every list."""
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Grafana:
    """Its proxy: the token is the password of Basic; POST with a form, as a data source is set up by default."""

    client: httpx.Client
    name: str
    now: int

    @property
    def window(self) -> dict[str, Any]:
        """The dashboard's range; lists are asked for whole minutes."""
        return {"start": self.now // 60 * 60 - 600, "end": self.now // 60 * 60 + 60}

    def query(self, path: str, **form: Any) -> Any:
        """A query of the data source's own backend: everything in the form."""
        return self._data(self.client.post(path, data=form))

    def resource(self, path: str, **params: Any) -> Any:
        """What the page asks for through the backend: in the address, by POST with an empty body where that may be."""
        return self._data(self.client.post(path, params=params, headers=FORM))

    def get(self, path: str, **params: Any) -> Any:
        """Where the backend knows that only GET is answered."""
        return self._data(self.client.get(path, params=params))

    def _data(self, answer: httpx.Response) -> Any:
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["status"] == "success"
        return found["data"]


@pytest.fixture(scope="module")
def grafana(server: Server) -> Iterator[Grafana]:
    name, now = f"g{uuid.uuid4().hex[:8]}", int(time.time())
    exemplar = {"labels": [{"name": "trace_id", "value": "cd" * 16}], "value": 0.3, "timestamp": now * 1000 - 30_000}
    series = [
        series_1(
            {"__name__": f"{name}_seconds_{part}", "job": name, "http.method": method, **more},
            samples=[{"value": step, "timestamp": (now - 150 + 15 * step) * 1000} for step in range(11)],
            exemplars=[exemplar] if part == "bucket" and method == "GET" else [],
        )
        for method in ("GET", "POST")
        for part, more in (("bucket", {"le": "+Inf"}), ("count", {}), ("sum", {}))
    ]
    told = [{"type": 3, "metric_family_name": f"{name}_seconds", "help": "How long.", "unit": "s"}]
    with server.door() as door:
        body = packed(version_1(*series, metadata=told))
        assert door.post(PATH, content=body, headers={**HEADERS_1, "x-midwatch-wait": "visible"}).status_code == 204
    with httpx.Client(base_url=f"{server.url}/prometheus/api/v1/", auth=("grafana", TOKEN), timeout=30) as client:
        yield Grafana(client, name, now)


def test_save_and_test(grafana: Grafana) -> None:
    """1+1 at the fourth second of 1970, then what it is: a Prometheus, because buildinfo tells of no features."""
    assert grafana.query("query", query="1+1", time="4") == {"resultType": "scalar", "result": [4, "2"]}
    # The backend does not know that this one is for GET, and asks again by GET after a 405.
    assert grafana.client.post("status/buildinfo", headers=FORM).status_code == 405
    built = grafana.get("status/buildinfo")
    assert built["version"].startswith("3.")
    assert not built.get("features")


@pytest.mark.parametrize("path", ["rules", "alerts", "targets", "metadata", "label/job/values"])
def test_a_list_for_get_alone_says_so(grafana: Grafana, path: str) -> None:
    """405 by POST, after which the backend asks by GET."""
    refused = grafana.client.post(path, headers=FORM)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert grafana.get(path) is not None


def test_what_the_editor_begins_with(grafana: Grafana) -> None:
    """Metric names, label names, metadata: with their limits, and by series where it is set up as an old one."""
    name, window = grafana.name, grafana.window
    names = grafana.get("label/__name__/values", limit=SERIES_LIMIT, **window)
    parts = [f"{name}_seconds_{part}" for part in ("bucket", "count", "sum")]
    assert set(parts) <= set(names)
    labels = grafana.resource("labels", limit=SERIES_LIMIT, **window)
    assert {"__name__", "job", "le", "http.method"} <= set(labels)
    metadata = grafana.get("metadata", limit=SERIES_LIMIT)
    assert metadata[f"{name}_seconds"] == [{"type": "histogram", "help": "How long.", "unit": "s"}]
    everything = grafana.resource("series", **{"match[]": '{__name__!=""}', "limit": SERIES_LIMIT}, **window)
    assert {one["__name__"] for one in everything if one.get("job") == name} == set(parts)


def test_what_the_builder_asks(grafana: Grafana) -> None:
    """Labels and values of a metric, narrowed by the filters so far; a name that is none in PromQL goes escaped."""
    name, window = grafana.name, grafana.window
    match = {"match[]": f'{{__name__="{name}_seconds_bucket"}}', "limit": SERIES_LIMIT}
    assert grafana.resource("labels", **match, **window) == ["__name__", "http.method", "job", "le"]
    assert grafana.get("label/le/values", **match, **window) == ["+Inf"]
    assert grafana.get("label/U__http_2e_method/values", **match, **window) == ["GET", "POST"]
    narrowed = {"match[]": f'{{__name__=~".*seconds.*","http.method"="GET","job"!="",job="{name}"}}', "limit": 2}
    answer = grafana.client.get("label/__name__/values", params={**narrowed, **window}).json()
    assert answer["data"] == [f"{name}_seconds_bucket", f"{name}_seconds_count"]
    assert answer["warnings"]
    # Filters of a dashboard: those of all its queries, each a selector of its own.
    several = {"match[]": [f"{name}_seconds_count", f'{name}_seconds_sum{{"http.method"="POST"}}']}
    assert grafana.resource("labels", **several, **window) == ["__name__", "http.method", "job"]


def test_a_panel(grafana: Grafana) -> None:
    """A range with a step in seconds, an instant for its table, exemplars over it; times may have fractions."""
    name, now = grafana.name, grafana.now
    quantile = f'histogram_quantile(0.95, sum by(le) (rate({name}_seconds_bucket{{job="{name}"}}[1m0s])))'
    span = {"start": now - 60, "end": now, "step": "15"}
    rates = grafana.query(
        "query_range", query=f'rate({name}_seconds_count{{"http.method"="GET"}}[1m])', timeout="60", **span
    )
    assert rates["resultType"] == "matrix"
    assert [float(value) for _, value in rates["result"][0]["values"]] == pytest.approx([1 / 15] * 5)
    assert grafana.query("query_range", query=quantile, **span)["resultType"] == "matrix"
    instant = grafana.query("query", query=f"sum({name}_seconds_count)", time=f"{now}.5")
    assert instant == {"resultType": "vector", "result": [{"metric": {}, "value": [now + 0.5, "20"]}]}
    exemplars = grafana.query("query_exemplars", query=quantile, start=f"{now - 60}.25", end=str(now))
    assert [one["labels"]["trace_id"] for found in exemplars for one in found["exemplars"]] == ["cd" * 16]
    assert [found["seriesLabels"]["http.method"] for found in exemplars] == ["GET"]


def test_variables(grafana: Grafana) -> None:
    """label_names(), label_values(), metrics(), query_result(), and a plain selector's series."""
    name, window = grafana.name, grafana.window
    assert "job" in grafana.resource("labels", **window)
    of_job = {"match[]": f'{name}_seconds_sum{{job=~"{name}|other"}}'}
    assert grafana.get("label/job/values", **of_job, **window) == [name]
    result = grafana.query("query", query=f"sort_desc({name}_seconds_count)", time=grafana.now)["result"]
    assert sorted(one["metric"]["http.method"] for one in result) == ["GET", "POST"]
    assert len(grafana.resource("series", **of_job, **window)) == 2


def test_a_mistake_reads_in_grafana(grafana: Grafana) -> None:
    """Status, kind and sentence; a list that is refused by POST is asked once more by GET and tells the same."""
    wrong = grafana.client.post("query_range", data={"query": "rate(x", "start": 1, "end": 2, "step": 1})
    assert (wrong.status_code, wrong.json()["errorType"]) == (400, "bad_data")
    assert "parse error" in wrong.json()["error"]
    asked = {"match[]": "{}"}
    both = [grafana.client.post("series", params=asked, headers=FORM), grafana.client.get("series", params=asked)]
    assert [one.status_code for one in both] == [400, 400]
    assert both[0].json()["error"] == both[1].json()["error"]
