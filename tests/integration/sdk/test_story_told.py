"""What the SDK tells in three processes is read back as one story, from whichever of its ids one begins."""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import redis

from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Run, free_port

pytestmark = pytest.mark.thorough

REDIS = "redis://127.0.0.1:6379/0"
APP = f"{APPS}.texting"
PRIVATE = ("010 4477", "0104477", "Dinner at eight")


@pytest.fixture
def told(run: Run, server: Server) -> Iterator[tuple[str, str]]:
    """Correlation id and invite of an invitation that was told by real processes and whose call-back came twice."""
    prefix, invite, correlation = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("q", "i", "c"))
    of_all = {
        "REDIS": REDIS,
        "PREFIX": prefix,
        "MIDWATCH_DSN": f"http://{KEY}@{urlsplit(server.otlp_http_url).netloc}",
        "MIDWATCH_DENY_KEYS": "text",
    }
    ports = free_port(), free_port()
    run("celery", "-A", f"{APP}:tasks", "worker", "--pool=solo", "--without-mingle", SERVICE_NAME="worker", **of_all)
    web = run("uvicorn", f"{APP}:web", "--port", str(ports[0]), listens_at=ports[0], SERVICE_NAME="web", **of_all)
    webhook = run(
        "uvicorn", f"{APP}:webhook", "--port", str(ports[1]), listens_at=ports[1], SERVICE_NAME="webhook", **of_all
    )
    ids = {"x-correlation-id": correlation, "x-user": "u-7"}
    httpx.post(f"{web.url}/invites/{invite}", headers=ids).raise_for_status()
    with server.api() as api:
        eventually(lambda: "sms.sent" in _titles(_story(api, correlation_id=correlation)), seconds=60)
        for _ in range(2):
            answer = httpx.post(f"{webhook.url}/callbacks/SM-{invite}", params={"status": "delivered"})
            answer.raise_for_status()
        eventually(lambda: _titles(_story(api, correlation_id=correlation)).count("sms.delivered") == 2, seconds=60)
    yield correlation, invite
    with redis.Redis.from_url(REDIS) as client:
        for key in client.scan_iter(f"*{prefix}*"):
            client.delete(key)


def _story(api: httpx.Client, **asked: str) -> dict[str, Any]:
    answer = api.get("/api/v1/story", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _titles(story: dict[str, Any]) -> list[str]:
    return [line["title"] for line in story["lines"]]


def _with_error(story: dict[str, Any]) -> dict[str, Any] | None:
    return story if story["kinds"].get("error") else None


def _keys(story: dict[str, Any]) -> set[str]:
    """Of its own lines: an alert fires when it does."""
    return {line["key"] for line in story["lines"] if line["kind"] != "alert"}


def _same(api: httpx.Client, first: dict[str, str], *others: dict[str, str]) -> bool:
    keys = _keys(_story(api, **first))
    return all(_keys(_story(api, **asked)) == keys for asked in others)


def test_j21_j27_s11_a_story_over_request_job_message_and_call_back(told: tuple[str, str], server: Server) -> None:
    """One timeline in order over three services; each id says by which line it came in; what went wrong is pointed out;
    nothing private is in it; and it is the same from the message, the entity, the job and an id of an unnamed kind."""
    correlation, invite = told
    message = f"SM-{invite}"
    with server.api() as api:
        # The error is digested a little later than the record that told of it is stored.
        story = eventually(lambda: _with_error(_story(api, correlation_id=correlation)), seconds=30)
        wanted = ["invitation taken", "state.transition", "sending failed", "sms.sent", "sms.delivered"]
        titles = [title for title in _titles(story) if title in wanted]
        assert list(dict.fromkeys(titles)) == wanted
        assert {one["name"] for one in story["services"]} == {"web", "worker", "webhook"}
        assert story["asked"] == [{"kind": "correlation", "value": correlation, "found": True}]

        related = {(one["kind"], one["value"]): one for one in story["related"]}
        assert related["message", message]["line"]["title"] == "sms.sent"
        callbacks = [
            one
            for one in story["related"]
            if one["kind"] == "trace" and one["via"] == {"kind": "message", "value": message}
        ]
        assert [one["line"]["title"] for one in callbacks] == ["sms.delivered", "sms.delivered"]
        (job,) = (value for kind, value in related if kind == "job")
        assert related["user", "u-7"]["followed"] is False
        assert ("entity", f"invite:{invite}") in related

        kinds = {one["kind"]: one for one in story["remarks"]}
        assert kinds["failure"]["weight"] == "bad"
        assert "ProviderTimedOut" in kinds["failure"]["text"]
        assert kinds["duplicate"]["text"] == f"sms.delivered of message {message} came twice"
        assert "succeeded at attempt 2" in kinds["retry"]["text"]
        assert all(
            api.get(f"/api/v1/logs/{line['link'].split('line=')[1].split('&')[0]}").status_code == 200
            for line in story["lines"]
            if line["link"].startswith("/logs")
        )

        ways = ({"message_id": message}, {"entity": f"invite:{invite}"}, {"job_id": job}, {"id": message})
        # The last spans come when their batches do.
        eventually(lambda: _same(api, {"correlation_id": correlation}, *ways), seconds=30)

        exported = api.get("/api/v1/story", params={"correlation_id": correlation, "format": "markdown"})
        assert exported.headers["content-type"].startswith("text/markdown")
        assert f"[Story]({server.url}/story?correlation_id={correlation})" in exported.text
        assert f"]({server.url}/logs?" in exported.text
        for text in (str(story), exported.text):
            assert not [private for private in PRIVATE if private in text]
