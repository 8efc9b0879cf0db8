"""What "Send data" shows for Node.js, a browser and a Collector, run as it is shown, until the page turns green."""

import functools
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from playwright.sync_api import Browser, Page, expect
from tools import npm

from tests.conftest import Server
from tests.integration.clients.conftest import NODE_CLIENTS
from tests.integration.clients.test_rotel import free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
VITE = Path(__file__).parents[2] / "ui" / "node_modules" / "vite" / "bin" / "vite.js"
SECONDS_MAX = 120
PROGRAM = """
const http = require("http");
const server = http.createServer((request, response) => response.end("hello")).listen(0, "127.0.0.1", () =>
  http.get({ host: "127.0.0.1", port: server.address().port, path: "/hello" }, (answer) => {
    answer.resume();
    answer.on("end", () => server.close());
  }),
);
"""
USE = """
import { trace } from "@opentelemetry/api";
trace.getTracer("shop").startSpan("click").end();
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program's folder in which the packages are installed that the page says to install."""
    npm.install_packages(NODE_CLIENTS, npm.node_environment())
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "node_modules").symlink_to(NODE_CLIENTS / "node_modules")
    return folder


def _steps(page: Page, tab: str) -> list[str]:
    page.get_by_role("tab", name=tab).click()
    panel = page.get_by_role("tabpanel", name=tab)
    expect(panel).to_be_visible()
    return panel.locator("pre").all_inner_texts()


def _packages(install: str) -> list[str]:
    return install.removeprefix("npm install ").split()


def _run(command: list[str], folder: Path) -> None:
    environment = npm.node_environment()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _turns_green(page: Page, signal: str, service: str) -> None:
    expect(page.locator("main")).to_contain_text("Data is arriving", timeout=30_000)
    expect(page.locator("main").get_by_role("listitem").filter(has_text=signal)).to_contain_text(service)


def test_a_node_program_sends(empty_server: Server, open_page: OpenPage, project: Path) -> None:
    """A program that knows nothing of OpenTelemetry, started as the page says, with the packages that it names."""
    page = open_page(empty_server, "/send-data")
    install, start = _steps(page, "Node.js")
    locked = json.loads((NODE_CLIENTS / "package.json").read_text())["dependencies"]
    assert set(_packages(install)) <= set(locked)
    (project / "app.js").write_text(PROGRAM)
    _run(["sh", "-ec", start], project)
    _turns_green(page, "traces", "my-service")


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()


def test_a_page_in_a_browser_sends(empty_server: Server, open_page: OpenPage, browser: Browser, project: Path) -> None:
    """A site of another origin with a key for browsers: bundled by Vite, run by Chromium, let in by its origin."""
    page = open_page(empty_server, "/send-data")
    install, code = _steps(page, "Browser")
    locked = json.loads((NODE_CLIENTS / "package.json").read_text())["dependencies"]
    assert set(_packages(install)) <= set(locked)
    with _served(project / "dist") as origin:
        with empty_server.api() as api:
            made = api.post("/api/v1/keys", json={"name": "site", "origins": [origin]})
            assert made.status_code == 201, made.text
        (project / "main.js").write_text(code.replace("YOUR-BROWSER-KEY", made.json()["key"]) + USE)
        (project / "index.html").write_text('<!doctype html><script type="module" src="/main.js"></script>')
        node = shutil.which("node", path=npm.node_environment()["PATH"])
        assert node is not None
        _run([node, str(VITE), "build"], project)
        context = browser.new_context()
        try:
            context.new_page().goto(origin)
            _turns_green(page, "traces", "web")
        finally:
            context.close()


@contextmanager
def _collector(exporter: dict[str, Any], protocol: str, log: Path) -> Iterator[str]:
    """rotel, which has no YAML, with what the page writes for a Collector's exporter; where it listens."""
    found = find_spec("rotel")
    assert found is not None
    assert found.submodule_search_locations
    ports = free_port(), free_port()
    scheme = "http://" if exporter.get("tls") == {"insecure": True} else ""
    headers = ",".join(f"{name}={value}" for name, value in exporter["headers"].items())
    environment = {
        "ROTEL_OTLP_HTTP_ENDPOINT": f"127.0.0.1:{ports[0]}",
        "ROTEL_OTLP_GRPC_ENDPOINT": f"127.0.0.1:{ports[1]}",
        "ROTEL_EXPORTER": "otlp",
        "ROTEL_OTLP_EXPORTER_ENDPOINT": scheme + exporter["endpoint"],
        "ROTEL_OTLP_EXPORTER_PROTOCOL": protocol,
        "ROTEL_OTLP_EXPORTER_CUSTOM_HEADERS": headers,
    }
    process = subprocess.Popen(
        [str(Path(found.submodule_search_locations[0]) / "rotel-agent"), "start"],
        env={**os.environ, **environment},
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(ports[0], process, log)
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(("name", "step", "protocol"), [("otlphttp/midwatch", 0, "http"), ("otlp/midwatch", 1, "grpc")])
def test_a_collector_forwards(
    empty_server: Server, open_page: OpenPage, tmp_path: Path, name: str, step: int, protocol: str
) -> None:
    """The address and the headers that the page gives to a Collector's exporter, by HTTP and by gRPC."""
    page = open_page(empty_server, "/send-data")
    written = yaml.safe_load(_steps(page, "Collector")[step])
    for pipeline in written.get("service", {}).get("pipelines", {}).values():
        assert pipeline["exporters"] == [name]
    with _collector(written["exporters"][name], protocol, tmp_path / "rotel.log") as url:
        provider = TracerProvider(resource=Resource.create({"service.name": "behind-a-collector"}))
        provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{url}/v1/traces")))
        provider.get_tracer("test").start_span("hello").end()
        provider.shutdown()
        _turns_green(page, "traces", "behind-a-collector")
    expect(page).to_have_url(re.compile("/send-data"))
