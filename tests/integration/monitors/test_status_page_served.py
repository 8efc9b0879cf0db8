"""The status page over HTTP: from the editor or the plan, incidents, feeds, its own host; while the store is down."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually

DEFINITION = {
    "title": "Shop status",
    "host": "status.shop.test",
    "components": [{"name": "Jobs", "heartbeats": ["page-job"]}, {"name": "Phone", "group": "Other"}],
}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("status") / "data").start()
    yield server
    server.stop()


def public(server: Server, path: str = "", host: str = "") -> httpx.Response:
    headers = {"host": host} if host else {}
    return httpx.get(f"{server.url}{path}", headers=headers, timeout=30)


def test_a_page_is_made_told_of_and_followed(serving: Server) -> None:
    """Nothing before it is defined; then components, an incident through its life, feeds and its own host."""
    assert public(serving, "/status").status_code == 404
    with serving.api() as api:
        assert api.get("/api/v1/status-page").json()["source"] == "none"
        made = api.put("/api/v1/status-page", json=DEFINITION)
        assert (made.status_code, made.json()["source"]) == (200, "workspace"), made.text
        httpx.get(f"{serving.url}/ping/{KEY}/page-job?create=1", timeout=30)

        def state() -> str:
            found: str = api.get("/api/v1/status-page").json()["components"][0]["state"]
            return found

        eventually(lambda: state() == "operational")
        assert "All systems operational" in public(serving, "/status").text
        body: dict[str, Any] = {"title": "Calls fail", "text": "We look into it.", "components": ["Phone"]}
        one = api.post("/api/v1/status-page/notices", json=body | {"impact": "critical"})
        assert one.status_code == 201, one.text
        notice = one.json()["id"]
        page = public(serving, "/status")
        assert (page.headers["content-type"], "Calls fail" in page.text) == ("text/html; charset=utf-8", True)
        assert "Some systems are down" in page.text
        assert "admin" not in page.text.lower()
        updates = f"/api/v1/status-page/notices/{notice}/updates"
        assert api.post(updates, json={"status": "completed", "text": "x"}).status_code == 400
        assert api.post(updates, json={"status": "resolved", "text": "It works again."}).status_code == 201
        assert api.post(updates, json={"status": "monitoring", "text": "x"}).status_code == 409
        planned = body | {"kind": "maintenance", "starts": "2030-01-01T00:00:00Z", "ends": "2030-01-01T01:00:00Z"}
        assert api.post("/api/v1/status-page/notices", json=planned).status_code == 201
        for wrong in (
            body | {"components": ["None"]},
            planned | {"ends": "2029-01-01T00:00:00Z"},
            body | {"status": "scheduled"},
            body | {"starts": "soon"},
        ):
            assert api.post("/api/v1/status-page/notices", json=wrong).status_code == 400, wrong
        for odd in (body | {"title": ""}, body | {"text": "x" * 5001}, body | {"impact": "huge"}):
            assert api.post("/api/v1/status-page/notices", json=odd).status_code == 422, odd
        for bad in ({"path": "/api/x"}, {"host": "a b"}, {"components": [{"name": "a"}, {"name": "a"}]}):
            assert api.put("/api/v1/status-page", json=DEFINITION | bad).status_code == 400, bad
    text = public(serving, "/status").text
    assert "It works again." in text
    assert "Planned" in text
    assert "<feed" in public(serving, "/status/feed.atom").text
    assert "It works again." in public(serving, "/status/feed.rss").text
    told = public(serving, "/status/summary.json").json()
    assert (told["state"], len(told["planned"])) == ("operational", 1)
    assert public(serving, "/status/odd").status_code == 404
    assert "Shop status" in public(serving, "/", host="status.shop.test").text
    assert 'href="/feed.atom"' in public(serving, "/", host="status.shop.test").text
    assert public(serving, "/api/v1/openapi.json", host="status.shop.test").status_code == 404


def test_the_page_is_there_while_the_store_is_down(serving: Server) -> None:
    """With the engine killed and kept from starting, what is told is as it was."""
    children = psutil.Process(serving.process.pid).children(recursive=True)  # type: ignore[union-attr]
    engines = [one for one in children if "midwatch.server.engine" in " ".join(one.cmdline())]
    for one in engines:
        os.kill(one.pid, signal.SIGSTOP)
    try:
        assert engines
        assert "Shop status" in public(serving, "/status").text
    finally:
        for one in engines:
            os.kill(one.pid, signal.SIGCONT)


def test_the_plans_page_goes_first(serving: Server) -> None:
    """It is shown instead, at its own path, and can be changed there alone; without it the editor's is back."""
    plan = {"status_page": {"title": "By plan", "path": "/how-we-are", "components": [{"name": "A"}]}}
    with serving.api() as api:

        def apply(value: dict[str, Any]) -> None:
            answer = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": json.dumps(value)}}).json()
            assert answer["ok"], answer

        apply(plan)
        assert "By plan" in public(serving, "/how-we-are").text
        assert 'href="/how-we-are/feed.atom"' in public(serving, "/how-we-are").text
        assert api.put("/api/v1/status-page", json=DEFINITION).status_code == 409
        apply({"services": {}})
        assert "Shop status" in public(serving, "/status").text
