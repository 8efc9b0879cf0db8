"""A project with a DSN, what its SDKs send, and what becomes of it."""

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.conftest import Server
from tests.eventually import eventually


@dataclass
class Project:
    server: Server
    id: int
    key: str

    @property
    def dsn(self) -> str:
        scheme, _, host = self.server.url.partition("://")
        return f"{scheme}://{self.key}@{host}/{self.id}"

    def post(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        """`path` below the project's address."""
        sent = {"x-sentry-auth": f"Sentry sentry_version=7, sentry_key={self.key}", **headers}
        url = f"{self.server.url}/api/{self.id}/{path}"
        return httpx.post(url, content=content, headers={k.replace("_", "-"): v for k, v in sent.items()}, timeout=30)

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        with self.server.api() as api:
            answer = api.get(f"/api/v1/{path}", params={"project": self.id, "start": "now-2h", **params})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def act(self, path: str, **body: Any) -> httpx.Response:
        with self.server.api() as api:
            return api.post(f"/api/v1/{path}", json=body)

    def issues(self, count: int = 1, **params: Any) -> list[dict[str, Any]]:
        """As soon as there are so many."""

        def there() -> list[dict[str, Any]] | None:
            found = self.get("issues", status="all", **params)["issues"]
            return found if len(found) >= count else None

        return eventually(there, seconds=40)

    def issue(self, word: str) -> dict[str, Any]:
        """The one that says so."""
        return self.issues(query=word)[0]

    def event(self, issue_id: int, which: str = "recommended") -> dict[str, Any]:
        return self.get(f"issues/{issue_id}/events/{which}")

    def seen(self, word: str, events: float) -> dict[str, Any]:
        """The issue once so many events of it are counted."""

        def counted() -> dict[str, Any] | None:
            found = self.get("issues", status="all", query=word)["issues"]
            return found[0] if found and found[0]["events"] >= events else None

        return eventually(counted, seconds=40)


def event(value: str, **more: Any) -> dict[str, Any]:
    frames = more.pop(
        "frames", [{"function": "pay", "filename": "app/pay.py", "abs_path": "/srv/app/pay.py", "in_app": True}]
    )
    kind = more.pop("type", "ValueError")
    return {
        "event_id": uuid.uuid4().hex,
        "timestamp": time.time(),
        "platform": "python",
        "exception": {"values": [{"type": kind, "value": value, "stacktrace": {"frames": frames}}]},
        **more,
    }


def envelope(*items: tuple[str, Any], **headers: Any) -> bytes:
    """Items as type and payload: bytes as they are, else JSON."""
    lines = [json.dumps(headers).encode()]
    for kind, payload in items:
        content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        lines += [json.dumps({"type": kind, "length": len(content)}).encode(), content]
    return b"\n".join(lines)
