"""What the SDK tells of jobs, errors and events is found on a Midwatch server, whole."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

import midwatch
from tests.conftest import KEY, Server
from tests.eventually import eventually


@pytest.fixture
def telling(server: Server) -> Iterator[Server]:
    midwatch.init(service="pipeline", environment="test", dsn=f"http://{KEY}@{urlsplit(server.otlp_http_url).netloc}")
    yield server
    midwatch.shutdown()


@midwatch.job("render", job_id="j-1")
def render(amount: int) -> None:
    midwatch.transition("session", "s-1", "created", "running")
    midwatch.heartbeat("reddit-poller")
    midwatch.cost("sms", 2)
    with midwatch.step("tts"):
        raise ValueError(f"no voice for {amount}")


def test_a_failed_job_is_one_trace_with_its_error_and_events(telling: Server) -> None:
    """Spans belong together; the error has its frames as lists and maps; each event is found by its own attributes."""
    with midwatch.work("c-server-1"), pytest.raises(ValueError, match="no voice"):
        render(5)
    assert midwatch.flush()
    with telling.api() as api:

        def rows() -> list[dict[str, Any]]:
            found = api.get("/api/v1/logs", params={"query": "correlation_id:c-server-1"}).json()["rows"]
            return found if len(found) >= 6 else []

        told = {row["body"]: row for row in eventually(rows)}
        assert set(told) == {"job started", "state.transition", "heartbeat", "cost", "step failed", "job failed"}
        about = told["step failed"]["attributes"]
        assert about["exception.type"] == "ValueError"
        assert about["error.category"] == "unknown"
        frame = json.loads(about["exception.frames"])[-1]
        assert (frame["function"], frame["locals"]["amount"]) == ("render", 5)
        assert [one["message"] for one in json.loads(about["breadcrumbs"])] == ["job started", "state.transition"]
        for query, body in (
            ("state.to:running", "state.transition"),
            ("heartbeat.name:reddit-poller", "heartbeat"),
            ("cost.kind:sms", "cost"),
            ("job_id:j-1 event:exception", "step failed"),
        ):
            found = api.get("/api/v1/logs", params={"query": f"{query} correlation_id:c-server-1"}).json()["rows"]
            assert [row["body"] for row in found] == [body], query
        trace_id = told["job failed"]["trace_id"]
        trace = eventually(lambda: _whole(api.get(f"/api/v1/traces/{trace_id}")))
        assert {span["name"] for span in trace["spans"]} == {"job render", "step tts"}
        assert trace["missing_parents"] == []


def _whole(answer: Any) -> Any:
    return answer.json() if answer.status_code == 200 else None
