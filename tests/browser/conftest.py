"""A real Chromium over a real server with a small shop's data in it; without a browser these tests are skipped."""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tools.find_browser import ARGUMENTS, find_browser, must_be_found

from tests import remote_write
from tests.conftest import Server
from tests.eventually import eventually

expect.set_options(timeout=15_000)  # beside others on two cores five seconds are soon over
PASSWORD = "correct-horse-battery-staple"
EMAIL = "admin@localhost"
AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
_VIOLATIONS = """axe.run().then(found => found.violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => one.id + ': ' + one.nodes[0].html.slice(0, 200)))"""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with the last test of this folder: its event loop must not live on under other tests."""
    path = find_browser()
    if path is None:
        assert not must_be_found(), "no Chromium can be found, and CI is set: these tests may not be skipped here"
        pytest.skip("no Chromium can be found; `make browser` says more")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


def own_server(data: Path, options: tuple[str, ...] = (), **environment: str) -> Server:
    return Server(data, options=options, environment={"MIDWATCH_ADMIN_PASSWORD": PASSWORD, **environment}).start()


@pytest.fixture(scope="package")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds forty visits of a shop, every fifth of them failing in `orders`.

    As the others it comes after the browser: without one, none is started."""
    started = own_server(tmp_path_factory.mktemp("shop"))
    send_visits(started, 40)
    yield started
    started.stop()


@pytest.fixture(scope="package")
def metered(shop: Server) -> Server:
    """The shop with twenty minutes of metrics of `api` and `web`: 2 and 4 requests a second, a depth of 42 and of 7."""
    send_metrics(shop)
    return shop


@pytest.fixture(scope="package")
def watched(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that probes, expects heartbeats, and has objectives and people on call."""
    from tests.browser.watched import watched_server  # it needs what is defined here

    with watched_server(tmp_path_factory.mktemp("watched")) as started:
        yield started


@pytest.fixture
def empty_server(browser: Browser, tmp_path: Path) -> Iterator[Server]:
    started = own_server(tmp_path / "data")
    yield started
    started.stop()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Signed-in pages; whatever a page writes to its console as an error fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_at(server: Server, path: str, *, phone: bool = False, dark: bool = False, signed_in: bool = True) -> Page:
        size: Any = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
        context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light", base_url=server.url)
        contexts.append(context)
        if signed_in:
            answer = context.request.post(
                "/api/v1/auth/login",
                data=json.dumps({"email": EMAIL, "password": PASSWORD}),
                headers={"content-type": "application/json"},
            )
            assert answer.ok, answer.text()
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_at
    for context in contexts:
        context.close()
    # A 401 before signing in and a 404 that a test asks for are the network's words, not the page's.
    own = [text for text in complaints if "Failed to load resource" not in text]
    assert own == []


def refuse_deletions(page: Page) -> None:
    """From here on the page's own requests to delete something get no answer."""
    page.route("**/api/v1/**", lambda route: route.abort() if route.request.method == "DELETE" else route.fallback())


def accessibility_violations(page: Page) -> list[str]:
    """What axe calls serious or critical. Needs ui/node_modules, which building the page leaves behind."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed in ui/node_modules")
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(_VIOLATIONS)
    return found


def violations_in_both_looks(page: Page, name: str) -> list[str]:
    """Of a page that is open in the light look, as a user sees it whose system turns dark; its pictures are kept."""
    found = []
    for look in ("light", "dark"):
        if look == "dark":
            page.emulate_media(color_scheme="dark")
            expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
        screenshot(page, f"{name}-{look}")
        found += accessibility_violations(page)
    return found


def send_visits(server: Server, count: int) -> None:
    """Traces of storefront → orders → PostgreSQL and a log line each, visible on return."""
    now = time.time_ns()
    spans: dict[str, list[dict[str, Any]]] = {"storefront": [], "orders": []}
    lines = []
    for at in range(count):
        trace_id, root, call, served, query = secrets.token_hex(16), *(secrets.token_hex(8) for _ in range(4))
        start = now - (at + 1) * 20_000_000_000
        failed = at % 5 == 0

        def span(name: str, span_id: str, parent: str, kind: int, offset_ms: int, length_ms: int, **more: Any) -> dict:
            begin = start + offset_ms * 1_000_000  # noqa: B023
            times = {"startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + length_ms * 1_000_000)}
            ids = {"traceId": trace_id, "spanId": span_id, "parentSpanId": parent}  # noqa: B023
            return {"name": name, "kind": kind, **ids, **times, **more}

        status = {"status": {"code": 2, "message": "out of stock"}} if failed else {}
        database = [{"key": "db.system.name", "value": {"stringValue": "postgresql"}}]
        spans["storefront"] += [
            span("POST /orders", root, "", 2, 0, 120),
            span("POST", call, root, 3, 5, 100),
        ]
        spans["orders"] += [
            span("reserve stock", served, call, 2, 10, 90, **status),
            span("SELECT stock", query, served, 3, 20, 60, attributes=database),
        ]
        level, text = ("error", "cannot reserve stock: none left") if failed else ("info", "order taken")
        line = {"timestamp": (start + 50_000_000) // 1_000_000, "level": level, "message": text, "service": "orders"}
        lines.append(json.dumps({**line, "trace_id": trace_id, "span_id": served}))
    for service, list_of_spans in spans.items():
        attributes = [{"key": "service.name", "value": {"stringValue": service}}]
        scopes = [{"scope": {"name": "test"}, "spans": list_of_spans}]
        body = {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": scopes}]}
        _post(server, "/v1/traces", json.dumps(body), "application/json")
    _post(server, "/ingest/ndjson", "\n".join(lines), "application/x-ndjson")
    with server.api() as api:
        eventually(lambda: len(_services(api)) == len(spans))


def write_series(server: Server, *series: Any) -> None:
    """By remote write; visible on return."""
    body = remote_write.version_1(*series)
    with server.door() as door:
        answer = door.post(
            remote_write.PATH,
            params={"wait": "visible"},
            content=remote_write.packed(body),
            headers=remote_write.HEADERS_1,
        )
        assert answer.is_success, answer.text


def send_metrics(server: Server) -> None:
    """By remote write, every fifteen seconds up to now; visible on return."""
    step = 15
    now = int(time.time())
    times = [now - 1200 + step * at for at in range(1200 // step + 1)]

    def series(name: str, value: Callable[[int], float], **labels: str) -> dict[str, Any]:
        samples = [{"value": value(at), "timestamp": second * 1000} for at, second in enumerate(times)]
        return remote_write.series_1({"__name__": name, **labels}, samples=samples)

    send_depths(server, times)
    write_series(
        server,
        *(
            series("shop_requests_total", lambda at, rate=rate: at * step * rate, job=job)
            for job, rate in {"api": 2, "web": 4}.items()
        ),
        *(
            series("shop_seconds_bucket", lambda at, share=share: at * step * share, le=le)
            for le, share in {"0.1": 1, "0.5": 3, "+Inf": 4}.items()
        ),
    )


def send_depths(server: Server, times: list[int]) -> None:
    """Of the queues, at these seconds: what is asked for now must not be older than the look-back of five minutes."""
    for job, depth in {"api": 42, "web": 7}.items():
        samples = [{"value": depth, "timestamp": second * 1000} for second in times]
        write_series(server, remote_write.series_1({"__name__": "queue_depth", "job": job}, samples=samples))


def _post(server: Server, path: str, body: str, content_type: str) -> None:
    with server.door(content_type=content_type) as door:
        answer = door.post(path, params={"wait": "visible"}, content=body)
        assert answer.is_success, answer.text


def _services(api: httpx.Client) -> list[Any]:
    answer = api.get("/api/v1/services").json()
    return answer.get("services", [])


def screenshot(page: Page, name: str) -> None:
    """Kept where MIDWATCH_SCREENSHOTS points, for people to look at."""
    if folder := os.environ.get("MIDWATCH_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
