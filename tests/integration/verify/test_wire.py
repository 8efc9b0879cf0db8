"""`midwatch verify --wire`: a marked request through two real apps, followed to its end or to where it breaks."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from midwatch.cli.main import midwatch
from tests.conftest import KEY, Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

PLAN = """
environments: {{staging: {{}}, production: {{}}}}
wire:
  - name: message
    method: POST
    urls: {{staging: "{front}/messages"}}
    headers_from: {{x-api-key: WIRE_TOKEN}}
    body: "hello"
    within: 12s
    trail:
      - {{span: POST /messages, service: front}}
      - {{event: message.received, service: front}}
      - {{service: back}}
      - {{span: POST /*, service: back}}
      - {{event: message.handled, service: back}}
      - {{event: message.stored, service: back}}
"""
Serve = Callable[..., str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("wire")).start()
    yield started
    started.stop()


@pytest.fixture
def serve(server: Server, tmp_path: Path) -> Iterator[Serve]:
    """Start one of the apps, and return where it listens."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, **environment: str) -> str:
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = int(found.getsockname()[1])
        told = {
            "SERVICE_NAME": name,
            "MIDWATCH_ENVIRONMENT": "staging",
            "MIDWATCH_DSN": server.otlp_http_url.replace("://", f"://{KEY}@"),
            "LOG_FORMAT": "json",
        }
        app = f"tests.integration.verify.relaying:{name}"
        with (tmp_path / f"{name}-{len(started)}.log").open("wb") as out:
            one = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", app, "--port", str(port)],
                env={**os.environ, **told, **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(one)
        eventually(lambda: _listens(port), seconds=60)
        return f"http://127.0.0.1:{port}"

    yield start
    for one in started:
        with suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGTERM)
        one.wait(30)


def _listens(port: int) -> bool:
    with closing(socket.socket()) as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def wire(server: Server, *more: str, **environ: str) -> Result:
    arguments = ["verify", "--wire", "--data", str(server.data), *more]
    return CliRunner().invoke(midwatch, arguments, env={"WIRE_TOKEN": "t0k3n", **environ})


def applied(server: Server, text: str) -> None:
    with server.api() as api:
        answer = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": text}}).json()
        assert answer["ok"], answer


def test_a_request_is_followed_through_both_services(server: Server, serve: Serve) -> None:
    """Each stop is seen, with the time after which it came; lines and spans have the marked request's ids."""
    back = serve("back")
    front = serve("front", BACK=back)
    applied(server, PLAN.format(front=front))
    done = wire(server)
    assert done.exit_code == 0, done.output
    assert done.output.count("✓") == 7
    assert "1 of 1 requests left their whole trail" in done.output
    report: list[dict[str, Any]] = json.loads(wire(server, "--json").stdout)
    assert [one["seen"] for one in report[0]["trail"]] == [True] * 6
    with server.api() as api:
        found = api.get("/api/v1/logs", params={"query": f'correlation_id:"{report[0]["correlation_id"]}"'}).json()
    assert {row["trace_id"] for row in found["rows"]} == {report[0]["trace_id"]}
    assert {row["attributes"].get("midwatch.probe") for row in found["rows"]} == {True}, "both services mark it"


def test_where_ids_are_dropped_is_where_it_breaks(server: Server, serve: Serve) -> None:
    """What the second service told of without the ids is found, and named as the reason."""
    back = serve("back")
    front = serve("front", BACK=back, DROPPING="1")
    applied(server, PLAN.format(front=front))
    done = wire(server, "--env", "staging")
    assert done.exit_code == 1, done.output
    assert "✓ event message.received of front" in done.output
    assert "✗ anything of back was not seen" in done.output
    assert "✗ event message.handled of back was not seen: back told of it" in done.output
    assert "traceparent and x-correlation-id do not reach it" in done.output
    assert "it broke after event message.received of front" in done.output


@pytest.mark.parametrize(
    ("more", "environ", "told"),
    [
        (["--env", "production"], {}, "no wire entry goes to production"),
        (["--only", "letter"], {}, "letter: expected one of message"),
        ([], {"WIRE_TOKEN": ""}, "WIRE_TOKEN is not set; its value is the header x-api-key"),
    ],
)
def test_what_cannot_be_sent_is_told(server: Server, more: list[str], environ: dict[str, str], told: str) -> None:
    """With the status of what could not be verified."""
    applied(server, PLAN.format(front="http://127.0.0.1:9"))
    done = CliRunner().invoke(
        midwatch, ["verify", "--wire", "--data", str(server.data), *more], env={"WIRE_TOKEN": "t", **environ}
    )
    assert isinstance(done.exception, Exception)
    assert told in str(done.exception)
    assert getattr(done.exception, "exit_status", 0) == 2


def test_an_entry_that_does_not_answer_is_a_finding(server: Server) -> None:
    """Nothing is followed then."""
    applied(server, PLAN.format(front="http://127.0.0.1:9"))
    done = wire(server)
    assert done.exit_code == 1
    assert "✗ no answer" in done.output
