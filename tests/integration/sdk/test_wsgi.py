"""Flask and Django behind WSGI, served by gunicorn: what they send of the requests that they serve."""

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard

ROUTES = {"flasked:app": "/items/<item_id>", "djangoed:wsgi": "/items/<str:item_id>"}


@pytest.fixture(params=sorted(ROUTES))
def named(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def app(run: Run, named: str) -> Process:
    port = free_port()
    return run("gunicorn", f"--bind=127.0.0.1:{port}", "--threads=4", f"{APPS}.{named}", listens_at=port)


def test_a_request_is_one_span_two_lines_and_metrics(app: Process, named: str, heard: Heard) -> None:
    route, trace = ROUTES[named], "0af7651916cd43dd8448eb211c80319c"
    parent = f"00-{trace}-b7ad6b7169203331-01"
    answer = httpx.get(f"{app.url}/items/7", headers={"traceparent": parent, "x-request-id": "req-1"})
    assert answer.json() == {"item": "7"}
    assert answer.headers["x-request-id"] == "req-1"
    span = eventually(lambda: heard.spans(f"GET {route}"))[0]
    assert (span.trace_id, span.parent_id, span.kind) == (trace, "b7ad6b7169203331", "server")
    assert span.attributes["http.response.status_code"] == 200
    lines = eventually(lambda: [one for one in heard.lines() if one.span_id == span.span_id] or None)
    assert [one.message for one in lines] == ["request started", "looked up", "request completed"]
    done = lines[-1].attributes
    assert (done["route"], done["status"], done["user_id"]) == (route, 200, "user-7")
    eventually(lambda: heard.points("http_requests_total", route=route, status="200"))
    assert len(heard.spans()) == 1


def test_a_failure_is_a_500_with_its_exception_and_ids(app: Process, heard: Heard) -> None:
    answer = httpx.get(f"{app.url}/broken", headers={"x-request-id": "req-2"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "req-2")
    span = eventually(lambda: heard.spans("GET /broken"))[0]
    assert span.failed
    assert span.attributes["error.type"] == "ValueError"
    line = eventually(lambda: heard.lines("request completed"))[0]
    assert (line.level, line.attributes["exception.message"]) == ("error", "no such item")


def test_a_stream_lasts_to_its_last_byte_in_one_context(app: Process, heard: Heard) -> None:
    httpx.get(f"{app.url}/stream", headers={"x-request-id": "req-3"})
    assert eventually(lambda: heard.spans("GET /stream"))[0].seconds > 0.15
    assert {one.attributes["request_id"] for one in eventually(lambda: heard.lines("streaming"))} == {"req-3"}


def test_health_checks_say_nothing_and_nothing_is_lost_at_sigterm(app: Process, named: str, heard: Heard) -> None:
    for number in range(20):
        assert httpx.get(f"{app.url}/health").status_code == 200
        assert httpx.get(f"{app.url}/items/{number}").status_code == 200
    app.stop()
    assert len(heard.spans()) == len(heard.spans(f"GET {ROUTES[named]}")) == 20
    assert len(heard.lines("request completed")) == 20
