"""`/metrics` of real servers, asked as scrapers and people ask."""

import gc
import gzip
import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from starlette.applications import Starlette

import midwatch
from midwatch.sdk import own_server
from midwatch.sdk.exposition import Exposition
from midwatch.sdk.pages import Asked
from midwatch.sdk.text_formats import OPENMETRICS, TEXT
from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard

CLIENT = httpx.Client(timeout=30)
OPEN = {"accept": "application/openmetrics-text; version=1.0.0"}


@pytest.fixture(params=["exposing_fast", "exposing_flask"])
def app(request: pytest.FixtureRequest, run: Run) -> Process:
    port = free_port()
    name = f"{APPS}.{request.param}:app"
    if request.param == "exposing_fast":
        return run("uvicorn", name, "--port", str(port), listens_at=port)
    return run("gunicorn", f"--bind=127.0.0.1:{port}", "--threads=3", name, listens_at=port)


def samples(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    parse: Any = parse_openmetrics if answer.headers["content-type"] == OPENMETRICS else parse_text
    return {
        f"{one.name}{{{','.join(f'{k}={v}' for k, v in sorted(one.labels.items()))}}}": one
        for family in parse(answer.text)
        for one in family.samples
    }


def test_what_was_served_is_read_in_both_formats(app: Process) -> None:
    """The app's own metrics, ours of its requests, and those of the process; by GET, compressed where asked."""
    for number in range(3):
        assert CLIENT.get(f"{app.url}/items/{number}").status_code == 200
    for headers, expected in (({}, TEXT), (OPEN, OPENMETRICS)):
        answer = CLIENT.get(f"{app.url}/metrics", headers={**headers, "accept-encoding": "identity"})
        assert answer.headers["content-type"] == expected
        assert "content-encoding" not in answer.headers
        found = samples(answer)
        assert found["signups_total{method=email}"].value == 3
        (counted,) = [one for name, one in found.items() if name.startswith("http_requests_total")]
        assert (counted.value, counted.labels["status"]) == (3, "200")
        assert found["process_cpu_seconds_total{}"].value > 0
    packed = CLIENT.get(f"{app.url}/metrics", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(packed.content)
    assert samples(packed)["signups_total{method=email}"].value == 3


def test_head_has_the_head_and_other_methods_are_the_apps(app: Process) -> None:
    """As HTTP has it; nothing of ours answers a POST."""
    head = CLIENT.head(f"{app.url}/metrics")
    assert (head.status_code, head.headers["content-type"], head.content) == (200, TEXT, b"")
    assert int(head.headers["content-length"]) > 100
    assert CLIENT.post(f"{app.url}/metrics").status_code == 404


def test_exemplars_lead_to_the_traces_of_requests(app: Process, heard: Heard) -> None:
    """A bucket of the requests' durations has the trace of one of them."""
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    CLIENT.get(f"{app.url}/items/1", headers={"traceparent": parent})
    found = samples(CLIENT.get(f"{app.url}/metrics", headers=OPEN))
    seen = {
        one.exemplar.labels["trace_id"]
        for name, one in found.items()
        if one.exemplar and name.startswith("http_request_duration_seconds_bucket")
    }
    assert seen == {"0af7651916cd43dd8448eb211c80319c"}
    span = eventually(lambda: [one for one in heard.spans() if one.kind == "server"])[0]
    ids = {one.exemplar.labels["span_id"] for one in found.values() if one.exemplar}
    assert span.span_id in ids


def test_a_token_is_asked_for(run: Run, tmp_path: Path) -> None:
    """From a file of secrets; without it nothing is told, and no scrape is told as a request of the app's."""
    (tmp_path / "token").write_text("s3cret\n")
    port = free_port()
    app = run(
        "uvicorn",
        f"{APPS}.exposing_fast:app",
        "--port",
        str(port),
        listens_at=port,
        MIDWATCH_METRICS_TOKEN_FILE=str(tmp_path / "token"),
        METRICS_PATH="/internal/metrics",
    )
    url = f"{app.url}/internal/metrics"
    for said in ("", "Bearer", "Bearer wrong", "Basic s3cret", "s3cret"):
        refused = CLIENT.get(url, headers={"authorization": said} if said else {})
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert "signups" not in refused.text
    CLIENT.get(f"{app.url}/items/1")
    found = samples(CLIENT.get(url, headers={"authorization": "bearer s3cret"}))
    assert {one.labels["route"] for name, one in found.items() if name.startswith("http_requests_total")} == {
        "/items/{item_id}"
    }
    assert CLIENT.get(f"{app.url}/metrics").status_code == 404


def test_a_worker_without_http_is_scraped_at_a_port_of_its_own(run: Run) -> None:
    """Of metrics alone, and of its health, which answers scrapers too."""
    worker = run(f"{APPS}.exposing_worker")
    ports = eventually(lambda: re.search(r"ports (\d+) (\d+)", worker.output()))
    for port in ports.groups():
        url = f"http://127.0.0.1:{port}"
        found = samples(CLIENT.get(f"{url}/metrics", headers={**OPEN, "accept-encoding": "gzip"}))
        assert found["polls_total{}"].value == 3
        head = CLIENT.head(f"{url}/metrics")
        assert (head.status_code, head.content) == (200, b"")
        assert CLIENT.get(f"{url}/other").status_code == 404
    assert CLIENT.get(f"http://127.0.0.1:{ports[2]}/health").json()["queue"] == {"waiting": 1}


def test_a_port_that_is_taken_is_said_and_nothing_raises(capsys: pytest.CaptureFixture[str]) -> None:
    """The second of two workers goes on without."""
    first = midwatch.serve_metrics(0)
    try:
        assert midwatch.serve_metrics(first.port).port == 0
        assert f"cannot listen at 127.0.0.1:{first.port} for metrics: Address already in use" in capsys.readouterr().err
        assert midwatch.serve_metrics(70000).port == 0
    finally:
        first.close()


def test_the_child_of_a_fork_keeps_no_port_open() -> None:
    """Only the parent answers there: when it has closed, nobody listens, and another may."""
    port = free_port()
    midwatch.serve_metrics(port)
    gc.collect()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    try:
        (ours,) = [one for one in own_server._open if one.port == port]
        ours.close()
        again = midwatch.serve_metrics(port)
        assert again.port == port
        again.close()
    finally:
        os.close(writing)
        os.waitpid(child, 0)


def test_around_any_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """WSGI and ASGI; what is no app is refused with what would do, and a path that cannot be is named."""

    def theirs(environ: Any, start_response: Any) -> list[bytes]:
        start_response("204 No Content", [])
        return []

    app = midwatch.MetricsWsgi(theirs, path="/m", token="t")
    said: list[Any] = []
    environ = {"PATH_INFO": "/m", "REQUEST_METHOD": "GET", "HTTP_AUTHORIZATION": "Bearer t"}
    body = b"".join(app({**environ, "HTTP_ACCEPT_ENCODING": "gzip"}, lambda *told: said.append(told)))
    assert said[0][0] == "200 OK"
    assert b"python_info" in gzip.decompress(body)
    app({**environ, "PATH_INFO": "/else"}, lambda *told: said.append(told))
    assert said[1][0] == "204 No Content"
    with pytest.raises(TypeError, match=r"put midwatch.MetricsAsgi or midwatch.MetricsWsgi around any other"):
        midwatch.expose(theirs)
    with pytest.raises(midwatch.ConfigurationError, match="path='metrics': expected a path such as /metrics"):
        midwatch.expose(Starlette(), "metrics")
    monkeypatch.setenv("MIDWATCH_METRICS_TOKEN_FILE", "/nowhere")
    with pytest.raises(midwatch.ConfigurationError, match="MIDWATCH_METRICS_TOKEN_FILE='/nowhere': cannot be read"):
        midwatch.expose(Flask("none"))


def test_a_collector_that_fails_is_a_scrape_that_fails() -> None:
    """Told to who scrapes, and not raised into the server."""
    from prometheus_client import REGISTRY
    from prometheus_client.registry import Collector

    class Failing(Collector):
        def collect(self) -> Any:
            raise ConnectionError("the queue is away")

        def describe(self) -> Any:
            return []

    failing = Failing()
    REGISTRY.register(failing)
    try:
        answer = Exposition(token="").reply(Asked("/metrics", {}))
    finally:
        REGISTRY.unregister(failing)
    assert (answer.status, answer.body) == (503, b"cannot read the metrics: ConnectionError: the queue is away\n")
