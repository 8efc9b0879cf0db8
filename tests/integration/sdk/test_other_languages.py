"""One trace and one correlation id over Node.js, Python and Node.js, with the programs of docs/other-languages.md."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any, TypeVar

import httpx
import pytest
from tools import npm

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard
from tests.unit.sdk.sink import Sink

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "other-languages.md"
CLIENTS = ROOT / "tests" / "integration" / "clients" / "node"
OPENTELEMETRY = (
    "--experimental-loader=@opentelemetry/instrumentation/hook.mjs",
    "--import",
    "@opentelemetry/auto-instrumentations-node/register",
    "server.mjs",
)
SENTRY = ("--import", "./sentry.mjs", "sentry-server.mjs")
NOWHERE = "http://key@127.0.0.1:1/1"

T = TypeVar("T")

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("node"), pytest.mark.thorough]


@dataclass
class NodeServer:
    url: str
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        found = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in found if line.startswith("{")]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The page's programs in a folder, each under the name in its first line."""
    for name, text in re.findall(r"```(?:js|python)\n(?://|#) (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL):
        (tmp_path / name).write_text(text)
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    return tmp_path


@pytest.fixture
def node(programs: Path, sink: Sink) -> Iterator[Callable[..., NodeServer]]:
    """Start one of the page's servers, as the page starts it."""
    environment = npm.node_environment()
    npm.install_packages(CLIENTS, environment)
    found = shutil.which("node", path=environment["PATH"])
    assert found is not None
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **more: str) -> NodeServer:
        port = free_port()
        log = programs / f"node-{port}.log"
        told = {
            "PORT": str(port),
            "OTEL_SERVICE_NAME": "front",
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20key",
            "OTEL_LOGS_EXPORTER": "none",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "SENTRY_DSN": NOWHERE,
        }
        with log.open("wb") as out:
            process = subprocess.Popen(
                [found, *arguments], cwd=programs, env={**environment, **told, **more}, stdout=out, stderr=out
            )
        started.append(process)

        def listens() -> bool:
            assert process.poll() is None, log.read_text()
            with closing(socket()) as asking:
                return asking.connect_ex(("127.0.0.1", port)) == 0

        eventually(listens, seconds=60)
        return NodeServer(f"http://127.0.0.1:{port}/", log)

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def relay(run: Run) -> Callable[[str], Process]:
    def start(next_url: str) -> Process:
        port = free_port()
        return run("uvicorn", f"{APPS}.relaying:app", "--port", str(port), listens_at=port, NEXT=next_url)

    return start


def test_the_page_starts_them_as_the_tests_do() -> None:
    text = PAGE.read_text()
    assert [one for one in {*OPENTELEMETRY, *SENTRY} if one not in text] == []


def nth(told: Callable[[], list[T]], number: int) -> T:
    """Of what comes in time."""
    return eventually(lambda: told()[number:])[0]


@pytest.mark.parametrize("arguments", [OPENTELEMETRY, SENTRY], ids=["OpenTelemetry", "Sentry"])
def test_node_python_node_is_one_story(
    arguments: tuple[str, ...], node: Callable[..., NodeServer], relay: Callable[[str], Process], heard: Heard
) -> None:
    """Under the correlation id that was given, and under one that the first service has made."""
    last = node(*arguments)
    middle = relay(last.url)
    first = node(*arguments, NEXT=f"{middle.url}/relay")
    stories = []
    for number, sent in enumerate(({"x-correlation-id": "order-77"}, {})):
        assert httpx.get(first.url, headers=sent, timeout=30).text == "the end"
        stories.append(one_story(first, heard, last, number, has_its_spans=arguments is OPENTELEMETRY))
    (trace, correlation_id), (other_trace, other_id) = stories
    assert trace != other_trace
    assert correlation_id == "order-77" != other_id


def one_story(
    first: NodeServer, heard: Heard, last: NodeServer, number: int, *, has_its_spans: bool
) -> tuple[str, str]:
    """The trace and the correlation id that all three have for this request."""
    began, ended = nth(first.lines, number), nth(last.lines, number)
    relayed = nth(lambda: heard.lines("relayed"), number)
    served = nth(lambda: heard.spans("GET /relay"), number)
    asked = nth(lambda: [one for one in heard.spans() if one.parent_id == served.span_id], 0)
    traces = {began["trace_id"], relayed.trace_id, served.trace_id, asked.trace_id, ended["trace_id"]}
    correlation_ids = {began["correlation_id"], relayed.attributes["correlation_id"], ended["correlation_id"]}
    assert (len(traces), len(correlation_ids)) == (1, 1)
    assert served.parent_id not in ("", began["span_id"]), "the client's own span is between the two"
    if has_its_spans:
        # They are in the same sink: each has its parent there.
        eventually(lambda: {served.parent_id, began["span_id"]} <= {one.span_id for one in heard.spans()})
        last_served = nth(lambda: [one for one in heard.spans() if one.parent_id == asked.span_id], 0)
        assert (last_served.kind, last_served.span_id) == ("server", ended["span_id"])
    return traces.pop(), correlation_ids.pop()


def test_pythons_sentry_then_midwatch_then_nodes_sentry(
    programs: Path, node: Callable[..., NodeServer], relay: Callable[[str], Process], heard: Heard
) -> None:
    last = node(*SENTRY)
    middle = relay(last.url)
    environment = {**os.environ, "SENTRY_DSN": NOWHERE, "NEXT": f"{middle.url}/relay"}
    done = subprocess.run(
        [sys.executable, "sentry_client.py"],
        cwd=programs,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answer, trace_id = done.stdout.strip().rsplit(" ", 1)
    assert answer == "the end"
    (relayed,) = eventually(lambda: heard.lines("relayed"))
    ended = nth(last.lines, 0)
    assert (relayed.trace_id, ended["trace_id"]) == (trace_id, trace_id)
    assert (relayed.attributes["correlation_id"], ended["correlation_id"]) == ("order-77", "order-77")
