"""Visits of a small shop in a real browser, recorded by Sentry's own SDK, built by Vite as an app would be."""

import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page
from tools import npm

from tests.conftest import KEY, Server
from tests.eventually import eventually

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "tests" / "integration" / "clients" / "node" / "replayed"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
ADA, BOB, EVE = "ada", "bob", "eve"


def build(into: Path) -> Path:
    environment = npm.node_environment()
    npm.install_packages(SOURCE.parent, environment)
    npm.install_packages(ROOT / "ui", environment)
    vite = ROOT / "ui" / "node_modules" / ".bin" / "vite"
    command = [str(vite), "build", "--config", str(SOURCE / "vite.config.mjs"), "--outDir", str(into)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return into


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The built shop; `/pay` fails and answers with secrets."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = folder / self.path.partition("?")[0].lstrip("/")
            path = path if path.is_file() else folder / "index.html"
            self._answer(200, TYPES.get(path.suffix, "application/octet-stream"), path.read_bytes())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self._answer(502, "application/json", b'{"token": "hunter2", "reason": "no bank"}')

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Visits:
    """Opened one beside the other: a dead click is known after seven seconds."""

    def __init__(self, browser: Browser, server: Server, shop: str) -> None:
        self._context = browser.new_context(viewport={"width": 900, "height": 600})
        self._server, self._shop = server, shop

    def open(self, user: str, *, session: float, error: float) -> Page:
        host = self._server.url.removeprefix("http://")
        asked = {"user": user, "session": session, "error": error, "dsn": f"http://{KEY}@{host}/1"}
        page = self._context.new_page()
        # Every visit is one of its own: the SDK goes on with the replay of a tab.
        page.goto(f"{self._shop}/?{urlencode(asked)}")
        page.wait_for_selector("html[data-ready]")
        return page

    def close(self) -> None:
        self._context.close()


def shop_around(page: Page) -> None:
    """Types, clicks in rage, logs, pays in vain, and goes on."""
    page.fill("#name", "Ada Secretly")
    for _ in range(4):
        page.click("#buy")
    page.evaluate("shop.log()")
    page.evaluate("shop.pay()")
    page.evaluate("shop.go()")


def flushed(page: Page) -> None:
    page.evaluate("shop.flush()")


def replays(server: Server, **asked: Any) -> list[dict[str, Any]]:
    with server.api() as api:
        answer = api.get("/api/v1/replays", params=asked)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["replays"]
        return found


def one_of(server: Server, user: str, *, urls: int = 1) -> dict[str, Any]:
    """The replay of a user, when so many addresses of it are here."""

    def found() -> dict[str, Any] | None:
        mine = replays(server, user=user)
        return mine[0] if mine and len(mine[0]["urls"]) >= urls else None

    return eventually(found, seconds=30)


def recording_of(server: Server, replay_id: str) -> list[dict[str, Any]]:
    with server.api() as api:
        detail = api.get(f"/api/v1/replays/{replay_id}").json()
        events: list[dict[str, Any]] = []
        for one in detail["segments"]:
            answer = api.get(f"/api/v1/replays/{replay_id}/segments/{one['segment']}")
            assert answer.headers["content-encoding"] == "gzip"
            events += answer.json()
        return events


def written(events: list[dict[str, Any]]) -> str:
    return json.dumps(events)
