"""Sentry's browser SDKs (the newest, and 9 for FID) and OpenTelemetry's, built by Vite and driven in Chromium."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page
from tools import npm

from tests.browser.conftest import own_server
from tests.conftest import Server
from tests.eventually import eventually

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "tests" / "integration" / "clients" / "node"
VITE = ROOT / "ui" / "node_modules" / "vite" / "bin" / "vite.js"
SECONDS = 60.0
ALL = {"lcp", "inp", "cls", "fcp", "ttfb"}

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.xdist_group("node"), pytest.mark.thorough]


class Site(http.server.SimpleHTTPRequestHandler):
    """The built pages, and an API that answers."""

    def do_GET(self) -> None:
        if self.path.startswith("/api/"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ordered")
            return
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    environment = npm.node_environment()
    npm.install_packages(CLIENTS, environment)
    npm.install_packages(ROOT / "ui", environment)
    folder = tmp_path_factory.mktemp("site")
    command = ["node", str(VITE), "build", "--config", "vite.config.mjs", "--outDir", str(folder)]
    subprocess.run(command, cwd=CLIENTS / "web", env=environment, check=True, capture_output=True)
    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(folder)))
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()


@pytest.fixture(scope="module")
def visited(browser: Browser, site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that three browsers have told of: each loaded a page, bought, went to another, and left."""
    started = own_server(tmp_path_factory.mktemp("visited"))
    with started.api() as api:
        asked = {"name": "web", "environment": None, "origins": [site], "items_per_second": None}
        key = api.post("/api/v1/keys", json=asked).raise_for_status().json()["key"]
    dsn = f"{started.url.replace('://', f'://{key}@')}/1"
    for page in ("sentry11", "sentry9"):
        visit(browser, f"{site}/{page}.html?{urlencode({'dsn': dsn})}")
    visit(browser, f"{site}/otel.html?{urlencode({'logs': f'{started.otlp_http_url}/v1/logs', 'key': key})}")
    yield started
    started.stop()


def visit(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page: Page = context.new_page()
    page.goto(address)
    page.wait_for_function("document.documentElement.dataset.ready === '1'")
    page.click("#buy")
    # SDKs end the page load a second after its last request.
    page.wait_for_timeout(1300)
    page.click("#go")
    page.wait_for_timeout(1300)
    page.goto("about:blank")
    page.wait_for_timeout(300)
    context.close()


def vitals(api: httpx.Client, wanted: set[str], **filters: str) -> dict[str, dict[str, Any]]:
    """Figures by name, once all that are wanted are there."""

    def found() -> dict[str, dict[str, Any]] | None:
        told = api.get("/api/v1/vitals", params=filters).json()["vitals"]
        measured = {one["name"]: one["figures"] for one in told if one["figures"]}
        return measured if wanted <= set(measured) else None

    return eventually(found, seconds=SECONDS)


def test_vitals_of_three_sdks_answer_one_question(visited: Server) -> None:
    with visited.api() as api:
        newest = vitals(api, ALL, route="/sentry11.html")
        assert "fid" not in newest
        assert vitals(api, ALL | {"fid"}, route="/sentry9.html")["fid"]["count"] == 1
        assert vitals(api, ALL, route="/otel.html")["inp"]["count"] == 1
        # It was busy for 120 ms when it was asked.
        assert 100 < newest["inp"]["p75"] < 2000
        assert 0 < newest["cls"]["p75"] < 1
        report = api.get("/api/v1/vitals").json()
        assert {one["route"] for one in report["routes"]} == {"/sentry11.html", "/sentry9.html", "/otel.html"}
        assert {one["value"] for one in report["choices"]["browser"]} == {"Chrome"}
        assert {one["value"] for one in report["choices"]["release"]} == {"shop@1.2.3", "shop@0.9.0"}
        assert report["sessions"]["sessions"] >= 3
        assert report["sessions"]["users"] == 1

        query = 'histogram_quantile(0.75, sum by (le, route) (increase({"web.lcp_bucket"}[1h])))'
        drawn = api.get("/prometheus/api/v1/query", params={"query": query}).json()["data"]["result"]
        routes = {one["metric"]["route"]: float(one["value"][1]) for one in drawn}
        assert set(routes) == {"/sentry11.html", "/sentry9.html", "/otel.html"}
        assert all(0 < value < 20_000 for value in routes.values())
        for name in ("web_fid_count", '{"web.cls_count"}', '{"web.errors"}'):
            answer = api.get("/prometheus/api/v1/query", params={"query": f"sum(increase({name}[1h]))"}).json()
            assert float(answer["data"]["result"][0]["value"][1]) >= 1, name


@pytest.mark.parametrize("route", ["/sentry11.html", "/sentry9.html"])
def test_a_page_load_is_a_trace_with_its_resources_long_tasks_and_calls(visited: Server, route: str) -> None:
    with visited.api() as api:
        vitals(api, {"lcp"}, route=route)
        (load,) = api.get("/api/v1/vitals/page-loads", params={"route": route}).json()["rows"]
        assert load["kind"] == "pageload"
        (moved, *_) = api.get("/api/v1/vitals/page-loads", params={"route": "/products/*"}).json()["rows"]
        assert (moved["kind"], moved["path"]) == ("navigation", "/products/42")
        (sample,) = api.get("/api/v1/vitals/samples", params={"route": route, "vital": "lcp"}).json()["rows"]
        assert (sample["trace_id"], sample["span_id"]) == (load["trace_id"], load["span_id"])
        assert sample["element"] == "body > h1"
        trace = api.get(f"/api/v1/traces/{load['trace_id']}").json()
        names = {one["name"] for one in trace["spans"]}
        assert {"Main UI thread blocked", "GET 127.0.0.1", "resource.script"} <= names
        assert trace["missing_parents"] == []


def test_logs_metrics_and_feedback_of_a_browser_join_the_others(visited: Server) -> None:
    with visited.api() as api:

        def rows(query: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = api.get("/api/v1/logs", params={"query": query}).json()["rows"]
            return found

        (line,) = eventually(lambda: rows('"cart of 3 things"'), seconds=SECONDS)
        assert (line["attributes"]["cart"], line["attributes"]["paid"]) == (3, False)
        (load,) = api.get("/api/v1/vitals/page-loads", params={"route": "/sentry11.html"}).json()["rows"]
        assert (line["trace_id"], line["span_id"]) == (load["trace_id"], load["span_id"])
        (feedback,) = eventually(lambda: rows("event:user.feedback"), seconds=SECONDS)
        assert feedback["body"] == "The button is slow"
        assert feedback["attributes"]["feedback.contact_email"] == "[email]"
        answer = api.get("/prometheus/api/v1/query", params={"query": 'increase(clicks_total{where="top"}[1h])'})
        assert float(answer.json()["data"]["result"][0]["value"][1]) == 1.0
