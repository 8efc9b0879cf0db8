"""Releases, commits and deploys as sentry-cli and a CI's curl tell of them, and sessions of what runs."""

import re
import time
import uuid
from typing import Any

import pytest

from tests import bodies
from tests.conftest import KEY, Server
from tests.integration.releases.conftest import Front

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("node")]


def of(server: Server, version: str, **params: str) -> dict[str, Any]:
    with server.api() as api:
        answer = api.get(f"/api/v1/releases/{version}", params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def test_sentry_cli_makes_a_release(front: Front, server: Server) -> None:
    """New, with the commits of the checkout, final, deployed, archived and brought back; then shown and listed."""
    assert "mwt_" not in front.cli("info")
    assert "midwatch" in front.cli("organizations", "list")
    assert "Project 1" in front.cli("projects", "list")
    front.cli("releases", "new", "shop@2.0", "--url", "https://ci.example/7")
    assert of(server, "shop@2.0")["summary"]["released"] is None
    assert "Set commits" in front.cli("releases", "set-commits", "shop@2.0", "--auto")
    front.cli("releases", "finalize", "shop@2.0")
    at = ("-r", "shop@2.0") if "--release" not in front.cli("deploys", "new", "--help") else ("--release", "shop@2.0")
    front.cli("deploys", "new", *at, "-e", "production", "-n", "blue", "-t", "90")
    assert "blue" in front.cli("deploys", "list", *at)
    front.cli("releases", "archive", "shop@2.0")
    found = of(server, "shop@2.0")
    (commit,), (deploy,) = found["commits"], found["deploys"]
    assert (commit["author"], commit["message"]) == ("Grace", "checkout: cards are charged")
    assert sorted(commit["files"]) == ["src/main.ts", "src/pay.ts"]
    assert re.fullmatch("[0-9a-f]{40}", commit["sha"])
    assert (deploy["environment"], deploy["name"], deploy["service"]) == ("production", "blue", "")
    summary = found["summary"]
    assert (summary["url"], summary["archived"], summary["commits"]) == ("https://ci.example/7", True, 1)
    assert summary["released"] is not None
    front.cli("releases", "restore", "shop@2.0")
    assert of(server, "shop@2.0")["summary"]["archived"] is False
    assert "shop@2.0" in front.cli("releases", "list")
    assert "shop@2.0" in front.cli("releases", "info", "shop@2.0")
    front.cli("releases", "new", "shop@2.1")
    front.cli("releases", "set-commits", "shop@2.1", "--local")
    front.cli("releases", "delete", "shop@2.0")
    with server.api() as api:
        assert api.get("/api/v1/releases/shop@2.0").status_code == 404
        assert "make it first" in api.get("/api/0/organizations/midwatch/releases/shop@2.0/").json()["detail"]


def test_deploys_are_marked_by_a_ci(server: Server) -> None:
    """By an ingest key or an editor's token; a page asks for those of its range, environments and service."""
    with server.api() as api:
        made = {"name": "ci", "project": 7, "environment": "staging"}
        key = api.post("/api/v1/keys", json=made).json()["key"]
        browser = api.post("/api/v1/keys", json={"name": "page", "origins": ["https://shop.example"]}).json()["key"]
        with server.api(key) as ci:
            sent = {"version": "api@7", "service": "api", "url": "https://ci.example/9", "started": "now-2m"}
            marked = ci.post("/api/v1/deploys", json=sent)
            assert marked.status_code == 201, marked.text
            assert (marked.json()["environment"], marked.json()["marked_by"]) == ("staging", "key ci")
            assert ci.get("/api/v1/deploys").status_code == 403, "a key never reads"
        with server.api(browser) as page:
            assert "key for browsers" in page.post("/api/v1/deploys", json=sent).json()["error"]
        with server.api(KEY) as ci:
            ci.post("/api/v1/deploys", json={"version": "web@1", "environment": "production", "finished": "now-3h"})
            ci.post("/api/v1/deploys", json={"version": "web@2", "environment": "production"})
            for body, said in (
                ({"version": "a/b"}, "version"),
                ({"version": "v", "url": "javascript:alert(1)"}, "url"),
                ({"version": "v", "started": "now", "finished": "now-1h"}, "before it is finished"),
                ({"version": "v", "finished": "yesterday"}, "finished='yesterday'"),
            ):
                refused = ci.post("/api/v1/deploys", json=body)
                assert refused.status_code in (400, 422), refused.text
                assert said in refused.json()["error"]

        def versions(**params: Any) -> list[str]:
            return [one["version"] for one in api.get("/api/v1/deploys", params=params).json()["deploys"]]

        assert versions(project=7) == ["api@7"]
        assert "api@7" not in versions()
        assert versions(start="now-1h", env="production")[0] == "web@2"
        assert {"web@1", "web@2"} <= set(versions(start="now-1d", env="production"))
        assert "web@2" not in versions(env="staging")
        assert versions(project=7, service="web") == []
        assert versions(project=7, service="api") == ["api@7"]
        assert of(server, "web@2")["summary"]["released"] is not None, "what is deployed is released"
        noted = [one for one in api.get("/api/v1/audit").json()["entries"] if one["target"] == "api@7"]
        assert {one["action"] for one in noted} == {"release.create", "deploy.mark"}


def session(status: str, user: str = "", **more: Any) -> dict[str, Any]:
    values = {"session.id": uuid.uuid4().hex, "session.status": status, "user.id": user, **more}
    sent = {name: value for name, value in values.items() if value not in ("", None)}
    return {"event_name": "sentry.session", "attributes": sent, "time_unix_nano": time.time_ns()}


def test_health_and_adoption(server: Server) -> None:
    """Sessions in several states count once; a crash stays one; sums count as many as they say; users once."""
    with server.api() as api:
        key = api.post("/api/v1/keys", json={"name": "sessions", "project": 8}).json()["key"]
    crashing = session("ok", "u1")
    again = {**crashing, "attributes": {**crashing["attributes"], "session.status": "crashed"}}
    after = {**crashing, "attributes": {**crashing["attributes"], "session.status": "exited"}}
    for state in (crashing, after):  # whoever had it signed in meanwhile, and out again
        del state["attributes"]["user.id"]
    one = [crashing, again, after, session("exited", "u1"), session("exited", "u2", **{"session.errors": 2})]
    one += [session("abnormal", "u3"), session("exited", **{"session.id": None, "session.count": 15})]
    one += [session("crashed", **{"session.id": None, "session.count": 1})]
    two = [session("exited", "u1"), *(session("exited", f"v{index}") for index in range(4))]
    with server.door(key) as door:
        for version, records in (("app@1", one), ("app@2", two)):
            body = bodies.logs("app", records, **{"service.version": version}).SerializeToString()
            sent = door.post("/v1/logs", params={"wait": "visible"}, content=body)
            assert (sent.status_code, sent.headers["content-type"]) == (200, "application/x-protobuf"), sent.text
        lines = bodies.logs("app", [{"body": "no session"}], **{"service.version": "app@3"}).SerializeToString()
        door.post("/v1/logs", params={"wait": "visible"}, content=lines)
    with server.api() as api:
        releases = {
            row["version"]: row for row in api.get("/api/v1/releases", params={"project": 8}).json()["releases"]
        }
    assert releases.keys() == {"app@1", "app@2"}
    first, second = releases["app@1"]["health"], releases["app@2"]["health"]
    assert (first["sessions"], first["crashed"], first["abnormal"], first["errored"]) == (20, 2, 1, 1)
    assert (first["users"], first["crashed_users"]) == (3, 1)
    assert first["crash_free_sessions"] == pytest.approx(0.9)
    assert first["crash_free_users"] == pytest.approx(2 / 3)
    assert (second["sessions"], second["crash_free_sessions"], second["users"]) == (5, 1.0, 5)
    assert first["adoption_sessions"] == pytest.approx(0.8)
    assert second["adoption_users"] == pytest.approx(5 / 7)
    assert releases["app@1"]["known"] is False
    detail = of(server, "app@2", project="8")
    assert [(one["sessions"], one["crashed"], one["adoption_sessions"]) for one in detail["points"]] == [(5, 0, 0.2)]
    with server.api() as api:
        asked = {"version": "app@1", "url": "https://ci.example/1", "commits": [{"sha": "abc", "message": "m"}]}
        assert api.post("/api/v1/releases", params={"project": 8}, json=asked).status_code == 204
    known = of(server, "app@1", project="8")
    assert (known["summary"]["known"], known["summary"]["commits"], known["commits"][0]["sha"]) == (True, 1, "abc")
