"""Those who use CanvasCast in its rows' tests, and what Midwatch has of what they did."""

import uuid
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

import httpx

from tests.systems.running import Example

ENDED = ("READY", "FAILED")
VISIBLE_SECONDS = 420.0
"""How long what was told may take until it is seen, on a machine that is busy with everything else."""


@dataclass
class Canvas:
    """The system that runs."""

    system: Example

    # What people do, through the web front unless said otherwise.

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        user: str = "",
        trace_id: str = "",
        process: str = "web",
    ) -> httpx.Response:
        """Whatever it answers."""
        headers = {"authorization": f"Bearer {user}"} if user else {}
        headers |= {"x-trace-id": trace_id} if trace_id else {}
        url = self.system.url(process) + ("/api" if process == "web" else "") + path
        return httpx.request(method, url, json=body, headers=headers, timeout=60)

    def sign_up(self, method: str = "email") -> str:
        """The user's id."""
        email = f"{uuid.uuid4().hex[:8]}@example.com"
        answer = self.ask("POST", "/signups", {"email": email, "method": method})
        assert answer.status_code == 201, answer.text
        user: str = answer.json()["user_id"]
        return user

    def buy(self, user: str, usd: float = 20, credits: int = 100) -> httpx.Response:
        return self.ask("POST", "/purchases", {"usd": usd, "credits": credits}, user)

    def subscribe(self, user: str, usd: float = 29) -> httpx.Response:
        return self.ask("POST", "/subscriptions", {"usd": usd}, user)

    def order(self, user: str, niche: str = "travel", trace_id: str = "", process: str = "web") -> str:
        """A video: the id of its job."""
        body = {"niche": niche, "prompt": "Lisbon in a day"}
        answer = self.ask("POST", "/jobs", body, user, trace_id, process)
        assert answer.status_code == 202, answer.text
        job: str = answer.json()["job_id"]
        return job

    def ended(self, user: str, job: str) -> str:
        """How, as soon as it has."""

        def found() -> str | None:
            answer = self.ask("GET", f"/jobs/{job}", user=user, process="api")
            return answer.json()["status"] if answer.json().get("status") in ENDED else None

        return self.system.until(found, VISIBLE_SECONDS)

    def again_and_again(self, act: Callable[[], Any], until: Callable[[], Any]) -> Any:
        """What `until` gives, while `act` is done over and over."""

        def found() -> Any:
            act()
            return until()

        return self.system.until(found, VISIBLE_SECONDS)

    # What Midwatch has of it.

    def lines(self, query: str, least: int = 1) -> list[dict[str, Any]]:
        """At least so many, as soon as they are there."""

        def found() -> list[dict[str, Any]] | None:
            rows: list[dict[str, Any]] = self.system.get("logs", query=query, start="now-1h", limit=200)["rows"]
            return rows if len(rows) >= least else None

        return self.system.until(found, VISIBLE_SECONDS)

    def trace(self, trace_id: str, *names: str, services: Set[str] = frozenset()) -> list[dict[str, Any]]:
        """Its spans, once those of these names, and some of these services, are among them."""

        def found() -> list[dict[str, Any]] | None:
            answer = self.system.api.get(f"/api/v1/traces/{trace_id.replace('-', '')}")
            spans: list[dict[str, Any]] = answer.json()["spans"] if answer.status_code == 200 else []
            whole = set(names) <= {one["name"] for one in spans} and services <= {one["service"] for one in spans}
            return spans if whole else None

        return self.system.until(found, VISIBLE_SECONDS)

    def value(self, query: str) -> float:
        return self.system.value(query)

    def reaches(self, query: str, least: float) -> float:
        """Its value, once it is at least this."""
        return self.system.reaches(query, lambda found: found >= least, VISIBLE_SECONDS)

    def issue(self, category: str, service: str) -> dict[str, Any]:
        """The latest of this category of which the service has told."""

        def found() -> dict[str, Any] | None:
            asked = {"category": category, "service": service, "status": "all", "start": "now-1h"}
            issues: list[dict[str, Any]] = self.system.get("issues", **asked)["issues"]
            return issues[0] if issues else None

        return self.system.until(found, VISIBLE_SECONDS)

    def panel(self, board: str, title: str) -> list[dict[str, Any]]:
        """What a panel's first query of PromQL shows now."""
        found = self.system.get(f"dashboards/{board}")["dashboard"]
        (panel,) = [one for row in found["rows"] for one in row["panels"] if one["title"] == title]
        return self.system.promql(panel["queries"][0]["text"])


def attribute(item: dict[str, Any], name: str) -> Any:
    """Of a line or span as the API answers it."""
    return item.get(name) or item.get("attributes", {}).get(name)
