"""What browsers measured, through the API: figures, sessions and page loads, narrowed by the same."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from tests.conftest import Server

RUN = f"v{uuid.uuid4().hex[:8]}"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile/15E1 Safari/604.1"
VISITS = 12


def pairs(**values: Any) -> list[KeyValue]:
    kinds = {str: "string_value", float: "double_value"}
    return [
        KeyValue(key=key.replace("__", "."), value=AnyValue(**{kinds[type(value)]: value}))
        for key, value in values.items()
    ]


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """Twelve visits, each fourth on a phone and slow; every vital is told twice, the second time as it is."""
    now = time.time_ns()
    logs, traces = ExportLogsServiceRequest(), ExportTraceServiceRequest()
    for at in range(VISITS):
        phone, begun = at % 4 == 0, now - (at + 1) * 60 * 10**9
        resource = pairs(service__name=RUN, user_agent__original=PHONE if phone else CHROME)
        ids = {"trace_id": uuid.uuid4().bytes, "span_id": uuid.uuid4().bytes[:8]}
        spans = traces.resource_spans.add()
        spans.resource.attributes.extend(resource)
        span = spans.scope_spans.add().spans.add(**ids, name="/", start_time_unix_nano=begun)
        span.attributes.extend(pairs(sentry__op="pageload", url__path=f"/orders/{at}"))
        records = logs.resource_logs.add()
        records.resource.attributes.extend(resource)
        scope = records.scope_logs.add()
        for again in (0, 1):
            record = scope.log_records.add(time_unix_nano=begun + again, event_name="browser.web_vital", **ids)
            value = (5000.0 if phone else 2500.0) if again else 1.0
            record.attributes.extend(
                pairs(
                    browser__web_vital__name="lcp",
                    browser__web_vital__value=value,
                    browser__web_vital__id=f"{RUN}-{at}",
                    url__path=f"/orders/{at}",
                    user__id=f"u{at % 5}",
                    session__id=f"s{at // 2}",
                )
            )
    with server.door() as door:
        for path, body in (("/v1/logs", logs), ("/v1/traces", traces)):
            assert door.post(path, params={"wait": "visible"}, content=body.SerializeToString()).is_success
    with server.api() as client:
        yield client


def get(api: httpx.Client, path: str, **params: Any) -> Any:
    answer = api.get(f"/api/v1/{path}", params={"service": RUN, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_vital_counts_once_as_it_was_told_last(api: httpx.Client) -> None:
    """Good at the bound itself, p75 between two values, by route with ids taken out, and what it can be narrowed to."""
    answer = get(api, "vitals")
    lcp = next(one for one in answer["vitals"] if one["name"] == "lcp")
    figures = lcp["figures"]
    assert (figures["count"], figures["good"], figures["poor"], figures["rating"]) == (12, 9, 3, "needs-improvement")
    assert (figures["p75"], lcp["previous_p75"], sum(one["count"] for one in lcp["points"])) == (3125.0, None, 12)
    assert [(one["route"], one["count"]) for one in answer["routes"]] == [("/orders/*", 12)]
    assert {one["value"]: one["count"] for one in answer["choices"]["device"]} == {"desktop": 9, "mobile": 3}
    phones = get(api, "vitals", device="mobile")["vitals"]
    assert next(one for one in phones if one["name"] == "lcp")["figures"]["rating"] == "poor"


def test_sessions_and_their_users(api: httpx.Client) -> None:
    """A user counts once in the whole, in each step that has some of them; a route narrows no sessions."""
    for narrower, users, sessions in (({}, 5, 6), ({"route": "/nowhere"}, 5, 6), ({"device": "mobile"}, 3, 3)):
        found = get(api, "vitals", **narrower)["sessions"]
        assert (found["users"], found["sessions"]) == (users, sessions)
        assert sum(one["users"] for one in found["points"]) >= users
        assert all(one["time"] > "2020" for one in found["points"])


def test_page_loads_are_narrowed_as_vitals_are(api: httpx.Client) -> None:
    """By device and route, too; measurements lead to the same traces."""
    loads = get(api, "vitals/page-loads", device="mobile", route="/orders/*")["rows"]
    assert [one["path"] for one in loads] == [f"/orders/{at}" for at in range(0, VISITS, 4)]
    worst = get(api, "vitals/samples", vital="lcp", order="worst", limit=3)["rows"]
    assert {one["trace_id"] for one in worst} == {one["trace_id"] for one in loads}
    assert api.get("/api/v1/vitals/samples", params={"vital": "lcp", "cursor": "x"}).status_code == 400
