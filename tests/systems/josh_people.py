"""Those who use JOSH in its rows' tests: people with telephones, admins, the payment provider."""

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from tests.systems.running import Example

CHESS = "I want to play chess"
ANSWERS = [
    ["I like", '{"interests": ["chess"]}'],
    ["soon over", '{"intent": "create_linkup", "activity": "chess", "minutes": 0.05}'],
    ["play chess", '{"intent": "create_linkup", "activity": "chess", "minutes": 30}'],
    ["nothing at all", '{"intent": "create_linkup", "activity": " ", "minutes": 30}'],
]
ENGINEER, SUPPORT = "ada-token", "sam-token"
VISIBLE_SECONDS = 420
"""How long what was told may take until it is seen, on a machine that is busy with everything else."""


@dataclass(frozen=True)
class Person:
    number: str
    user_id: int
    front: str


@dataclass
class Josh:
    """The system that runs; numbers are made up, each once."""

    system: Example
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.system.outside.put("/llm/answers", json=ANSWERS).raise_for_status()

    # What people do.

    def number(self) -> str:
        return f"+1202555{next(self._numbers):04}"

    def person(self, front: str = "api", region: str = "nyc") -> Person:
        """Registered, verified by the code that came, interviewed."""
        number = self.number()
        answer = self.post(front, "/api/register", {"phone": number, "region": region})
        code = self.system.until(lambda: self._code(number), seconds=60)
        self.post(front, "/api/verify", {"phone": number, "code": code})
        person = Person(number, int(answer["user_id"]), front)
        assert self.write(person, "I like chess")["status"] == 200
        return person

    def write(self, person: Person, text: str, **more: Any) -> dict[str, Any]:
        """The webhook's answer and the message's id."""
        told = {"url": f"{self.system.url(person.front)}/api/twilio/inbound", "sender": person.number, "text": text}
        found: dict[str, Any] = self.system.outside.post("/sms/write", json=told | more).json()
        return found

    def pay(self, person: Person, plan: str = "member", **more: Any) -> dict[str, Any]:
        metadata = {"user_id": str(person.user_id), "plan": plan}
        data = {"object": "checkout.session", "status": "complete", "amount_total": 1900, "metadata": metadata}
        url = f"{self.system.url(person.front)}/api/stripe/webhook"
        told = {"url": url, "type": "checkout.session.completed", "data": data}
        found: dict[str, Any] = self.system.outside.post("/payments/send", json=told | more).json()
        return found

    def post(self, front: str, path: str, body: Mapping[str, Any], token: str = "nobody") -> Any:
        answer = httpx.post(
            self.system.url(front) + path, json=body, headers={"authorization": f"Bearer {token}"}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, token: str) -> int:
        url, headers = self.system.url("api") + path, {"authorization": f"Bearer {token}"}
        return httpx.post(url, json={}, headers=headers, timeout=30).status_code

    def texts_to(self, person: Person) -> list[str]:
        """What arrived on somebody's telephone."""
        number = f"To=%2B{person.number[1:]}&"
        return [one["body"] for one in self.system.seen("sms") if number in one["body"]]

    def _code(self, number: str) -> str | None:
        told = [one["body"] for one in self.system.seen("sms") if f"To=%2B{number[1:]}&" in one["body"]]
        found = re.search(r"code\+is\+(\d{6})", " ".join(told))
        return found[1] if found else None

    # What Midwatch has of it.

    def lines(self, query: str, least: int = 1, start: str = "now-1h") -> list[dict[str, Any]]:
        """At least so many lines, as soon as they are there."""

        def found() -> list[dict[str, Any]] | None:
            rows: list[dict[str, Any]] = self.system.get("logs", query=query, start=start, limit=200)["rows"]
            return rows if len(rows) >= least else None

        return self.system.until(found, seconds=VISIBLE_SECONDS)

    def correlation(self, message: Mapping[str, Any]) -> str:
        """The id under which a message was handled."""
        (line, *_) = self.lines(f"event:sms.inbound.received twilio_message_sid:{message['sid']}")
        return str(attribute(line, "correlation_id"))

    def story(self, until: str = "", **asked: str) -> dict[str, Any]:
        """A story in which a line's title has this."""

        def found() -> dict[str, Any] | None:
            told: dict[str, Any] = self.system.get("story", limit=1000, **asked)
            return told if told["lines"] and until in json.dumps(told["lines"]) else None

        return self.system.until(found, seconds=VISIBLE_SECONDS)

    def events(self, type_: str, least: int = 1, **wanted: str) -> list[dict[str, Any]]:
        def found() -> list[dict[str, Any]] | None:
            rows: list[dict[str, Any]] = self.system.get("events", type=type_, start="now-1h", limit=500, **wanted)[
                "events"
            ]
            return rows if len(rows) >= least else None

        return self.system.until(found, seconds=VISIBLE_SECONDS)

    def value(self, query: str) -> float:
        return self.system.value(query)

    def reaches(self, query: str, least: float) -> float:
        """Its value, once it is at least this."""
        return self.system.reaches(query, lambda found: found >= least, VISIBLE_SECONDS)

    def issue(self, category: str, word: str = "") -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            issues = self.system.get("issues", status="all", start="now-1h", limit=100)["issues"]
            return next((one for one in issues if one["category"] == category and word in one["title"]), None)

        return self.system.until(found, seconds=VISIBLE_SECONDS)


def attribute(item: Mapping[str, Any], name: str) -> Any:
    """Of a line or span as the API answers it."""
    attributes = item.get("attributes", {})
    return item.get(name) or attributes.get(name)


def rows(josh: Josh, query: str, *values: Any, schema: str = "public") -> list[dict[str, Any]]:
    """Of JOSH's own database."""
    with psycopg.connect(josh.system.told["database"], row_factory=dict_row) as connection:  # type: ignore[arg-type]
        connection.execute(f"SET search_path TO {schema}")
        return list(connection.execute(query, values).fetchall())


def midwatch(josh: Josh, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of Midwatch's, as somebody of the team runs it."""
    told = josh.system.told
    where = ("--url", told["midwatch_url"], "--token", told["token"])
    return subprocess.run(
        [sys.executable, "-m", "midwatch", *words, *where], capture_output=True, text=True, timeout=300, check=False
    )
