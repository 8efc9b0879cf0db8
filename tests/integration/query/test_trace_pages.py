"""Pages of traces while spans come in."""

import itertools
import uuid
from typing import Any

import pytest
from tests import bodies
from tests.conftest import Server
from tests.integration.query.conftest import now_ns

pytestmark = pytest.mark.thorough

TRACES = 60
PAGE = 9
SECOND_NS = 10**9


@pytest.mark.parametrize("order", ["newest", "slowest"])
def test_late_spans_move_no_trace_between_pages(server: Server, order: str) -> None:
    """Between two pages each trace gets spans that would put it first: each is listed once, with all it has now."""
    service, start = f"pages{uuid.uuid4().hex[:8]}", now_ns() - 600 * SECOND_NS
    traces = [uuid.uuid4().bytes for _ in range(TRACES)]

    def send(number: int, *, wait: bool) -> None:
        """A span of every trace, each a second and a second's length after those of the round before."""
        spans = []
        for index, trace_id in enumerate(traces):
            began = start + index * SECOND_NS // 100 + number * SECOND_NS
            ended = began + (index + 1 + number * 100) * 10**6
            times = {"start_time_unix_nano": began, "end_time_unix_nano": ended}
            spans.append(bodies.span(trace_id=trace_id, **times))
        body = bodies.traces(service, spans).SerializeToString()
        with server.door() as door:
            assert door.post("/v1/traces", params={"wait": "visible"} if wait else {}, content=body).status_code == 200

    send(0, wait=True)
    listed: list[dict[str, Any]] = []
    asked = {"query": f"service:{service}", "limit": PAGE, "order": order}
    with server.api() as api:
        send(1, wait=False)  # acknowledged and not visible while the first page is made
        cursor: str | None = None
        for number in itertools.count(2):
            answer = api.get("/api/v1/traces", params={**asked, **({"cursor": cursor} if cursor else {})})
            assert answer.status_code == 200, answer.text
            listed += answer.json()["traces"]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                break
            send(number, wait=True)
    names = [trace["trace_id"] for trace in listed]
    assert sorted(names) == sorted(trace.hex() for trace in traces)
    assert names == [trace.hex() for trace in reversed(traces)]
    assert listed[-1]["span_count"] > listed[0]["span_count"], "what is shown of a trace is what it has now"


def test_pages_of_days_list_each_trace_once_with_all_its_spans(server: Server) -> None:
    """Newest first by the newest span that matches; spans of long before count, too, and what lies in other windows."""
    service, now = f"days{uuid.uuid4().hex[:8]}", now_ns()
    ages_seconds = [60, 600, 899, 901, 3600, 6 * 3600 - 1, 6 * 3600 + 1, 30 * 3600, 49 * 3600, 90 * 3600]
    traces = [uuid.uuid4().bytes for _ in ages_seconds]
    spans = []
    for index, (trace_id, age) in enumerate(zip(traces, ages_seconds, strict=True)):
        for earlier_seconds in (0, *(8 * 3600 * number for number in range(1, index % 4 + 1))):
            began = now - (age + earlier_seconds) * SECOND_NS
            times = {"start_time_unix_nano": began, "end_time_unix_nano": began + 10**6}
            spans.append(bodies.span(trace_id=trace_id, **times))
    with server.door() as door:
        body = bodies.traces(service, spans).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
    listed: list[dict[str, Any]] = []
    cursor: str | None = ""
    with server.api() as api:
        while cursor is not None:
            asked = {"query": f"service:{service}", "limit": 3, "start": "now-10d", "cursor": cursor or None}
            answer = api.get("/api/v1/traces", params={name: value for name, value in asked.items() if value}).json()
            listed += answer["traces"]
            cursor = answer["next_cursor"]
    assert [trace["trace_id"] for trace in listed] == [trace.hex() for trace in traces]
    assert [trace["matched_spans"] for trace in listed] == [index % 4 + 1 for index in range(len(traces))]
