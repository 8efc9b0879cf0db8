"""@sentry/react in an app that Vite built, and @sentry/nextjs in an app of Next.js, in Chromium and on the server.

What goes wrong is an issue at its line of source, also in our page.
"""

import http.server
import secrets
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tools import npm

from tests.browser.conftest import own_server, screenshot
from tests.conftest import TOKEN
from tests.eventually import eventually
from tests.sentry_project import Project

OpenPage = Callable[..., Page]
CLIENTS = npm.ROOT / "tests" / "integration" / "clients" / "node"
SENTRY_CLI = CLIENTS / "node_modules" / ".bin" / "sentry-cli"
NEXT = CLIENTS / "node_modules" / "next" / "dist" / "bin" / "next"
VITE = npm.ROOT / "ui" / "node_modules" / "vite" / "bin" / "vite.js"
SECONDS_MAX = 170

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.xdist_group("node"), pytest.mark.thorough]


class Site(http.server.SimpleHTTPRequestHandler):
    """The built page, and an API that answers."""

    def do_GET(self) -> None:
        if self.path.startswith("/api/"):
            self.send_response(404)
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def project(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The first one of a server of its own, with a key for any page."""
    started = own_server(tmp_path_factory.mktemp("pages"))
    with started.api() as api:
        asked = {"name": "web", "environment": None, "origins": ["*"], "items_per_second": None}
        key = api.post("/api/v1/keys", json=asked).raise_for_status().json()["key"]
    yield Project(started, 1, key)
    started.stop()


@pytest.fixture(scope="module")
def environment(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """For Sentry's tools: where to, and as whom; where else they would remember other tests' servers."""
    found = npm.node_environment()
    npm.install_packages(CLIENTS, found)
    npm.install_packages(npm.ROOT / "ui", found)
    told = {
        "SENTRY_URL": project.server.url,
        "SENTRY_AUTH_TOKEN": TOKEN,
        "SENTRY_ORG": "midwatch",
        "SENTRY_PROJECT": "1",
        "SENTRY_LOAD_DOTENV": "0",
        "SENTRY_CONFIG_DIR": str(tmp_path_factory.mktemp("sentry")),
        "NEXT_TELEMETRY_DISABLED": "1",
        "DSN": project.dsn,
    }
    return {**found, **told}


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def react_app(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address: minified; its maps are uploaded by sentry-cli and served by nobody."""
    folder = tmp_path_factory.mktemp("react")
    build = ["node", str(VITE), "build", "--config", "vite.config.mjs", "--outDir", str(folder)]
    run(build, CLIENTS / "react", environment)
    for act in ("inject", "upload"):
        run([str(SENTRY_CLI), "sourcemaps", act, str(folder)], folder, environment)
    for file in folder.rglob("*.map"):
        file.unlink()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(folder))) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


@pytest.fixture(scope="module")
def next_app(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address: built for production, with its maps uploaded by Sentry's own step of the build."""
    folder, built = CLIENTS / "nextjs", f".next-{secrets.token_hex(4)}"
    environment = {**environment, "DIST": built}
    log = tmp_path_factory.mktemp("next") / "next.log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        run(["node", str(NEXT), "build"], folder, environment)
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["node", str(NEXT), "start", "--hostname", "127.0.0.1", "--port", str(port)],
                cwd=folder,
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            address = f"http://127.0.0.1:{port}"
            eventually(lambda: answers(process, address, log), seconds=60)
            yield address
        finally:
            process.terminate()
            process.wait(30)
    finally:
        shutil.rmtree(folder / built, ignore_errors=True)


def answers(process: "subprocess.Popen[bytes]", address: str, log: Path) -> bool:
    assert process.poll() is None, log.read_text(errors="replace")
    with suppress(httpx.HTTPError):
        return httpx.get(address, timeout=10).status_code == 200
    return False


def visit(browser: Browser, address: str, *selectors: str) -> None:
    """Each of them clicked; what the page tells is on its way before it is left."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    for selector in selectors:
        with page.expect_response(lambda answer: "/envelope/" in answer.url and answer.status == 200):
            page.click(selector)
    context.close()


def innermost(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    return found


def test_a_crash_under_an_error_boundary_and_one_that_nobody_caught(
    browser: Browser, project: Project, react_app: str, open_page: OpenPage
) -> None:
    """Rows M14 and T01: with component stack, breadcrumbs and user, at the original lines."""
    visit(browser, f"{react_app}/?{urlencode({'dsn': project.dsn})}", "#search", "#spoil")
    issue = project.seen("TypeError", 1)
    assert (issue["service"], issue["users"], issue["environment"]) == ("shop-react", 1, "staging")
    assert issue["culprit"].endswith("in totalOf")
    detail = project.event(issue["id"])
    facts, event = detail["facts"], detail["event"]
    assert (facts["release"], facts["user"], facts["browser"].split()[0]) == (
        "shop-react@2.0.0",
        "id:u-8",
        "HeadlessChrome",
    )
    assert event["user"]["email"].startswith("[id own:"), "told apart, and not told"
    thrown = innermost(event)
    assert (thrown["function"], thrown["filename"].rpartition("/")[2], thrown["lineno"]) == ("totalOf", "cart.js", 4)
    assert thrown["context_line"].strip() == "sum += line.price;"
    components = event["exception"]["values"][0]
    assert components["type"] == "React ErrorBoundary TypeError", "of this SDK the component stack is a cause"
    assert [one["function"] for one in components["stacktrace"]["frames"]][-3:] == ["Basket", "section", "Cart"]
    crumbs = event["breadcrumbs"]["values"]
    told = [(one.get("category"), one.get("message", "").rpartition(" ")[2]) for one in crumbs]
    wanted = [("ui.click", "button#search"), ("console", "searching"), ("ui.click", "button#spoil")]
    assert [one for one in told if one in wanted] == wanted
    (call,) = [one["data"] for one in crumbs if one.get("category") == "fetch"]
    assert (call["method"], call["url"], call["status_code"]) == ("GET", "/api/search?word=pen", 404)

    other = project.seen("SyntaxError", 1)
    assert (other["handled"], other["priority"]) == (False, "high")
    rejected = innermost(project.event(other["id"])["event"])
    assert (rejected["function"], rejected["filename"].rpartition("/")[2]) == ("find", "main.jsx")
    assert "no such word" in rejected["context_line"]

    page = open_page(project.server, f"/errors/{issue['id']}")
    stack = page.get_by_role("region", name="Stack trace")
    expect(stack.locator("[data-on=true]").first).to_contain_text("sum += line.price;")
    expect(stack.get_by_role("region", name="Caused by React ErrorBoundary TypeError")).to_contain_text("Basket")
    expect(page.get_by_role("region", name="Breadcrumbs")).to_contain_text("button#spoil")
    expect(page.get_by_role("region", name="User")).to_contain_text("[id own:")
    screenshot(page, "issue-react")


@pytest.mark.faults
def test_an_app_of_next_on_the_server_and_in_the_browser(
    browser: Browser, project: Project, next_app: str, open_page: OpenPage
) -> None:
    assert httpx.get(f"{next_app}/api/orders?item=pen", timeout=30).status_code == 500
    visit(browser, next_app, "#price")
    issue = project.seen("StockError", 1)
    assert (issue["service"], issue["handled"], issue["priority"]) == ("shop-next", False, "high")
    detail = project.event(issue["id"])
    facts = detail["facts"]
    assert (facts["transaction"], facts["release"]) == ("GET /api/orders", "shop-next@3.1")
    assert (facts["user"], facts["runtime"].split()[0]) == ("id:u-5", "node")
    assert detail["event"]["request"]["method"] == "GET"
    thrown = innermost(detail["event"])
    assert thrown["filename"].endswith("app/api/orders/route.js")
    assert "is left" in thrown["context_line"]

    issue = project.seen("PriceError", 1)
    assert (issue["service"], issue["handled"]) == ("shop-next-web", False)
    detail = project.event(issue["id"])
    assert (detail["facts"]["release"], detail["facts"]["environment"]) == ("shop-next@3.1", "staging")
    thrown = innermost(detail["event"])
    assert thrown["filename"].endswith("nextjs/app/price.js")
    assert "no cart to price" in thrown["context_line"]
    page = open_page(project.server, f"/errors/{issue['id']}")
    expect(page.get_by_role("region", name="Stack trace").locator("[data-on=true]").first).to_contain_text(
        'throw new PriceError("no cart to price");'
    )
