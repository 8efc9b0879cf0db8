"""Who uses Tabbi in its edge's rows: programs that ask the API, and people with a browser."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, Request
from websockets.sync.client import connect

from tests.systems.chromium import person
from tests.systems.running import ROOT, Example

PATIENCE = 180.0
"""Seconds for whatever is waited for: the machine may be busy with other things."""
TELLING_SECONDS_MAX = 10.0
SHOTS = ROOT / "test-results"
ALL = "/?traces=1&replays=0"
"""The page, with every trace told."""


@dataclass
class Tabbi:
    """The system that runs, with what its users do and what is seen of it."""

    system: Example
    browser: Browser
    asking: set[Request] = field(default_factory=set)
    """What pages wait for at the moment."""

    def ask(self, method: str, path: str, body: Any = None, request_id: str = "", **headers: str) -> httpx.Response:
        sent = {"x-request-id": request_id, **headers} if request_id else headers
        return httpx.request(method, self.system.url("edge") + path, json=body, headers=sent, timeout=90)

    def start(self, user: str = "ada", request_id: str = "", idle_seconds: int = 3600) -> str:
        """A session's id."""
        body = {"repository": "tabbi/app", "user_id": user, "idle_seconds": idle_seconds}
        made = self.ask("POST", "/sessions", body, request_id).raise_for_status()
        return str(made.json()["session_id"])

    def becomes(self, session_id: str, *states: str) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            session: dict[str, Any] = self.ask("GET", f"/sessions/{session_id}").json()
            return session if session.get("state") in states else None

        return self.system.until(found, PATIENCE)

    def running(self, user: str = "ada", request_id: str = "", idle_seconds: int = 3600) -> str:
        session_id = self.start(user, request_id, idle_seconds)
        self.becomes(session_id, "running")
        return session_id

    def prompt(self, session_id: str, text: str, request_id: str) -> list[dict[str, Any]]:
        """Over a WebSocket; all that is heard until it is answered."""
        heard: list[dict[str, Any]] = []
        url = self.system.url("edge").replace("http", "ws", 1)
        with connect(f"{url}/sessions/{session_id}/ws?request_id={request_id}") as socket:
            socket.send(json.dumps({"type": "prompt", "text": text, "request_id": request_id}))
            while not heard or heard[-1]["type"] not in ("message.completed", "message.failed", "failed"):
                heard.append(json.loads(socket.recv(timeout=60)))
        return heard

    def remove(self, session_id: str) -> None:
        self.ask("DELETE", f"/sessions/{session_id}").raise_for_status()

    @contextmanager
    def person(self) -> Iterator[BrowserContext]:
        """Somebody with a browser of their own."""
        context = person(self.browser, self.system.url("edge"))
        self.asking.clear()
        context.on("request", self._asked)
        context.on("requestfinished", self._answered)
        context.on("requestfailed", self._answered)
        yield context
        context.close()

    def _asked(self, request: Request) -> None:
        self.asking.add(request)

    def _answered(self, request: Request) -> None:
        self.asking.discard(request)

    def leave(self, page: Page, after_ms: int = 1500) -> None:
        """SDKs end the page load a second after its last request, and tell of it as one leaves."""
        page.wait_for_timeout(after_ms)
        self.told_all(page)
        page.goto("about:blank")
        page.wait_for_timeout(1000)

    def told_all(self, page: Page) -> None:
        """Until the page waits for no answer any more; not of all requests a browser says that they ended."""
        deadline = time.monotonic() + TELLING_SECONDS_MAX
        while self.asking and time.monotonic() < deadline:
            page.wait_for_timeout(100)

    # What is seen of it.

    def lines(self, query: str, **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.system.get("logs", query=query, limit=500, **more)["rows"]
        return found

    def error(self, word: str, service: str, **facts: str) -> dict[str, Any]:
        """What the service's Sentry SDK told of it, with these facts or tags, once that is there.

        The line of the same error is an event, too, and may have come first.
        """

        def found() -> dict[str, Any] | None:
            for issue in self.system.get("issues", query=word, status="all")["issues"]:
                for one in self.system.get(f"issues/{issue['id']}/events", limit=100, duplicates=True)["events"]:
                    told = {**one["tags"], **one}
                    if (one["service"], one["source"]) == (service, "sentry") and facts.items() <= told.items():
                        event: dict[str, Any] = self.system.get(f"errors/events/{one['event_id']}")
                        return event
            return None

        return self.system.until(found, PATIENCE)

    def value(self, query: str) -> float:
        return self.system.value(query)

    def reaches(self, query: str, wanted: Callable[[float], bool]) -> float:
        return self.system.reaches(query, wanted, PATIENCE)

    def grows(self, selector: str, act: Callable[[], Any], by: float) -> float:
        """How much the counter's sum has grown since before the act, once that is `by` or more."""
        query = f"sum(last_over_time({selector}[1h]))"
        before = self.value(query)
        act()
        return self.reaches(query, lambda found: found >= before + by) - before

    def traces(self, query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.system.get("traces", query=query, limit=200)["traces"]
        return found

    def spans(self, trace_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.system.get(f"traces/{trace_id}")["spans"]
        return found

    @contextmanager
    def midwatch(self, path: str) -> Iterator[Page]:
        """Midwatch's own page, as its admin sees it."""
        admin = next(one for one in self.system.get("users")["users"] if one["role"] == "admin")
        link = self.system.api.post(f"/api/v1/users/{admin['id']}/link").raise_for_status().json()["signin_link"]
        context = self.browser.new_context(
            base_url=self.system.told["midwatch_url"], viewport={"width": 1400, "height": 900}
        )
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(link)
        self.system.until(lambda: page.wait_for_timeout(200) or context.cookies(), PATIENCE)  # type: ignore[func-returns-value]
        page.goto(path)
        yield page
        context.close()


def new_id() -> str:
    return str(uuid.uuid4())


def sign_in(page: Page, name: str, address: str = ALL) -> None:
    page.goto(address)
    page.fill("[name=user]", name)
    page.click("text=Sign in")


def start_session(page: Page) -> str:
    """The request id of what followed, up to a sandbox that runs."""
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/sessions")) as asked:
        page.click("text=Start session")
    page.wait_for_selector("textarea")
    return asked.value.headers["x-request-id"]


def send_prompt(page: Page, text: str) -> None:
    page.fill("textarea", text)
    page.click("text=Send")
    page.wait_for_selector("#answer >> text=∎")
