"""Dashboards over their public doors: API, history, plan, roles; with the real workspace, routes and guard."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.dashboards.reading import board, with_panel

from midwatch.contract.plan import MAIN_FILE
from midwatch.server.dashboards.desk import DashboardDesk, PlanBoards
from midwatch.server.dashboards.files import DASHBOARD_FILES
from midwatch.server.http.api import build_api
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import counted_refusals
from midwatch.server.http.routes.dashboards import dashboards_routes
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import VirtualClock
from midwatch.server.plan.effects import files_effect
from midwatch.server.plan.keeper import PlanKeeper
from midwatch.server.workspace.dashboards import DELETED_MS, VERSIONS_MAX
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.workspace import Workspace

ADMIN = Actor(kind="system", id="0", name="Ada", role=Role.ADMIN)
YAML = "title: Shop\npanels:\n  - {title: Up, query: up}\n"
Call = Callable[..., Awaitable[httpx.Response]]


class House:
    """A workspace, a plan and the API over both; `call(who, method, path, body)`."""

    def __init__(self, workspace: Workspace, clock: VirtualClock) -> None:
        self.workspace, self.clock = workspace, clock
        boards = PlanBoards()
        self.plan = PlanKeeper(workspace, [files_effect("dashboards", boards.put)], [DASHBOARD_FILES])
        routes = dashboards_routes(DashboardDesk(workspace.dashboards, boards), Guard(workspace))
        self._app = build_api(doors=[], routers=[routes], refused=counted_refusals())
        self._tokens: dict[str, str] = {}

    async def open(self) -> None:
        roles = {"viewer": Role.VIEWER, "editor": Role.EDITOR}
        for name, role in roles.items():
            scopes = list(Scope)
            _, token = await self.workspace.tokens.add(ADMIN, name=name, role=role, scopes=scopes, expires_days=None)
            self._tokens[name] = token
        await self.plan.open()

    async def call(self, who: str, method: str, path: str = "", body: Any = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._tokens[who]}"}
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://midwatch", headers=headers) as client:
            return await client.request(
                method,
                f"/api/v1/{path}" if path.startswith(("dashboard-", "openapi")) else f"/api/v1/dashboards{path}",
                json=body,
            )

    async def listed(self) -> dict[str, dict[str, Any]]:
        answer = await self.call("viewer", "GET")
        return {one["uid"]: one for one in answer.json()["dashboards"] if one["source"] != "builtin"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock = VirtualClock()
    workspace = Workspace(Database(f"sqlite:///{tmp_path / 'workspace.db'}"), clock)
    await workspace.open()
    house = House(workspace, clock)
    await house.open()
    yield house
    await workspace.close()


async def test_a_board_of_grafanas_is_imported_and_comes_back_unchanged(house: House) -> None:
    """The report counts its panels, the model is what the page draws, the export is the original to the last field."""
    source = board("modern")
    answer = await house.call("editor", "POST", "dashboard-import", {"source": source, "message": "from Grafana"})
    assert answer.status_code == 201
    found = answer.json()
    assert (found["created"], found["summary"]["version"], found["summary"]["changed_by"]) == (True, 1, "editor")
    assert (found["report"]["panels"], found["report"]["drawable"], found["report"]["refused"]) == (16, 16, [])
    assert any("ourOwn" in one["reason"] for one in found["report"]["ignored"])
    got = (await house.call("viewer", "GET", "/shop-1")).json()
    assert got["dashboard"] == found["dashboard"]
    exported = await house.call("viewer", "GET", "/shop-1/export")
    assert exported.json() == source
    assert exported.headers["content-disposition"] == 'attachment; filename="shop-1.json"'


async def test_what_is_changed_in_the_page_is_in_the_export(house: House) -> None:
    """And what only Grafana knows is in it still."""
    source = board("modern")
    found = (await house.call("editor", "POST", "dashboard-import", {"source": source})).json()["dashboard"]
    found["rows"][0]["panels"][0]["title"] = "Asked"
    changed = await house.call("editor", "PUT", "/shop-1", {"dashboard": found, "version": 1, "message": "clearer"})
    assert (changed.status_code, changed.json()["summary"]["version"]) == (200, 2)
    exported = (await house.call("viewer", "GET", "/shop-1/export")).json()
    assert (exported["panels"][0]["title"], exported["ourOwn"]) == ("Asked", {"kept": True})


async def test_a_board_is_exported_as_our_yaml_too(house: House) -> None:
    """A file that an import takes: the same board, of a type that the API describes; another form than the two is an
    error that names them."""
    found = (await house.call("editor", "POST", "dashboard-import", {"text": YAML, "uid": "shop"})).json()["dashboard"]
    exported = await house.call("viewer", "GET", "/shop/export?format=midwatch")
    assert exported.headers["content-disposition"] == 'attachment; filename="shop.yml"'
    described = (await house.call("viewer", "GET", "openapi.json")).json()["paths"]["/api/v1/dashboards/{uid}/export"]
    assert exported.headers["content-type"].partition(";")[0] in described["get"]["responses"]["200"]["content"]
    again = await house.call("editor", "POST", "dashboard-import", {"text": exported.text, "uid": "copy"})
    assert again.json()["dashboard"] == {**found, "uid": "copy"}
    refused = await house.call("viewer", "GET", "/shop/export?format=perses")
    assert (refused.status_code, "grafana" in refused.json()["error"]) == (422, True)


async def test_two_who_save_at_once_are_told(house: House) -> None:
    """The second has 409 with who was first, and nothing of theirs is kept."""
    found = (await house.call("editor", "POST", "dashboard-import", {"text": YAML, "uid": "shop"})).json()["dashboard"]
    body = {"dashboard": found, "version": 1}
    assert (await house.call("editor", "PUT", "/shop", body)).status_code == 200
    late = await house.call("editor", "PUT", "/shop", body)
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    assert "editor saved version 2 meanwhile, and you changed version 1" in late.json()["error"]
    assert len((await house.call("viewer", "GET", "/shop/versions")).json()["versions"]) == 2


async def test_every_version_can_be_seen_and_restored(house: House) -> None:
    """A restored one is the next version; a deleted board comes back the same way, with its original."""
    source = with_panel(custom={"kept": 1})
    found = (await house.call("editor", "POST", "dashboard-import", {"source": source})).json()["dashboard"]
    found["title"] = "Second"
    await house.call("editor", "PUT", "/test", {"dashboard": found, "version": 1, "message": "renamed"})
    history = (await house.call("viewer", "GET", "/test/versions")).json()
    told = [(one["version"], one["title"], one["message"]) for one in history["versions"]]
    assert told == [(2, "Second", "renamed"), (1, "Test", "")]
    assert (await house.call("viewer", "GET", "/test/versions/1")).json()["dashboard"]["title"] == "Test"

    assert (await house.call("editor", "DELETE", "/test")).status_code == 204
    assert (await house.call("viewer", "GET", "/test")).status_code == 404
    assert "test" not in await house.listed()
    assert (await house.call("viewer", "GET", "/test/versions")).json()["deleted"]
    restored = await house.call("editor", "POST", "/test/versions/1/restore")
    assert (restored.json()["summary"]["version"], restored.json()["summary"]["title"]) == (3, "Test")
    assert (await house.call("viewer", "GET", "/test/export")).json() == source
    assert (await house.call("editor", "POST", "/test/versions/9/restore")).status_code == 404
    actions = [one.action for one in await house.workspace.audit_page(before_id=None, limit=4)]
    assert actions == ["dashboard.restore", "dashboard.remove", "dashboard.change", "dashboard.create"]


async def test_history_is_bounded(house: House) -> None:
    """The newest hundred versions stay, with the original they need; a deleted board is gone after thirty days."""
    first = (await house.call("editor", "POST", "dashboard-import", {"source": with_panel()})).json()["dashboard"]
    for version in range(1, VERSIONS_MAX + 1):
        await house.call("editor", "PUT", "/test", {"dashboard": first, "version": version})
    versions = (await house.call("viewer", "GET", "/test/versions")).json()["versions"]
    assert (len(versions), versions[-1]["version"]) == (VERSIONS_MAX, 2)
    assert (await house.call("viewer", "GET", "/test/export")).json() == with_panel()
    await house.call("editor", "DELETE", "/test")
    house.clock.advance(DELETED_MS / 1000 + 1)
    await house.call("editor", "POST", "dashboard-import", {"text": YAML, "uid": "other"})
    await house.call("editor", "DELETE", "/other")
    assert (await house.call("viewer", "GET", "/test/versions")).status_code == 404
    assert (await house.call("viewer", "GET", "/other/versions")).status_code == 200


async def test_an_import_takes_no_place_unless_told_to(house: House) -> None:
    """409; with `overwrite` it is the next version, and its original the one that is exported."""
    await house.call("editor", "POST", "dashboard-import", {"source": with_panel()})
    again = with_panel(title="Two", own="new")
    assert (await house.call("editor", "POST", "dashboard-import", {"source": again})).status_code == 409
    taken = await house.call("editor", "POST", "dashboard-import", {"source": again, "overwrite": True})
    assert (taken.status_code, taken.json()["created"], taken.json()["summary"]["version"]) == (201, False, 2)
    assert (await house.call("viewer", "GET", "/test/export")).json() == again


async def test_boards_of_the_plan_are_read_only(house: House) -> None:
    """Listed with their file; they come before the workspace's, which come back when the plan lets go."""
    await house.call("editor", "POST", "dashboard-import", {"text": YAML, "uid": "shop"})
    files = {MAIN_FILE: "", "dashboards/shop.yml": YAML, "dashboards/g.json": json.dumps(board("modern"))}
    assert (await house.plan.apply(files, ADMIN, source="API")).applied
    listed = await house.listed()
    assert {uid: (one["source"], one["file"]) for uid, one in listed.items()} == {
        "shop": ("plan", "dashboards/shop.yml"),
        "shop-1": ("plan", "dashboards/g.json"),
    }
    assert listed["shop"]["hides"] == ["workspace"]
    found = (await house.call("viewer", "GET", "/shop")).json()["dashboard"]
    for method, path, body in (
        ("PUT", "/shop", {"dashboard": found, "version": 1}),
        ("DELETE", "/shop", None),
        ("POST", "", {"dashboard": found}),
        ("POST", "/shop/versions/1/restore", None),
        ("DELETE", "/midwatch-redis", None),
    ):
        answer = await house.call("editor", method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "read_only"), path
    copied = await house.call("editor", "POST", "", {"dashboard": {**found, "uid": "mine"}})
    assert copied.status_code == 201
    assert (await house.call("viewer", "GET", "/shop-1/export")).json() == board("modern")
    await house.plan.apply({MAIN_FILE: ""}, ADMIN, source="API")
    assert (await house.listed())["shop"]["source"] == "workspace"


async def test_a_plan_with_a_broken_board_is_not_applied(house: House) -> None:
    """The one in force stays, with its boards; the problem has the file and the line."""
    await house.plan.apply({MAIN_FILE: "", "dashboards/shop.yml": YAML}, ADMIN, source="API")
    outcome = await house.plan.apply({MAIN_FILE: "", "dashboards/shop.yml": "title: x"}, ADMIN, source="API")
    assert not outcome.ok
    assert str(outcome.problems[0]).startswith("dashboards/shop.yml:1:1: expected `panels`")
    assert (await house.listed())["shop"]["title"] == "Shop"


async def test_viewers_look_and_check_and_change_nothing(house: House) -> None:
    """Every change is the editors'."""
    found = (await house.call("editor", "POST", "dashboard-import", {"text": YAML, "uid": "shop"})).json()["dashboard"]
    for method, path, body in (
        ("POST", "", {"dashboard": found}),
        ("POST", "dashboard-import", {"text": YAML}),
        ("PUT", "/shop", {"dashboard": found, "version": 1}),
        ("DELETE", "/shop", None),
        ("POST", "/shop/versions/1/restore", None),
    ):
        assert (await house.call("viewer", method, path, body)).status_code == 403, path
    checked = (await house.call("viewer", "POST", "dashboard-check", {"source": with_panel(type="geomap")})).json()
    assert (checked["ok"], checked["report"]["drawable"]) == (True, 0)
    assert "geomap" in checked["problems"][0]["message"]
    bad = (await house.call("viewer", "POST", "dashboard-check", {"text": "title: x"})).json()
    assert (bad["ok"], bad["dashboard"], bad["problems"][0]["severity"]) == (False, None, "error")


BAD_IMPORTS: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "expected exactly one of text and source"),
    ({"text": YAML, "source": {}}, 400, "expected exactly one of text and source"),
    ({"text": "title: x"}, 400, "line 1, column 1: expected `panels`"),
    ({"source": {"a": 1}}, 400, "its keys are a"),
    ({"text": '{"title":'}, 400, "cannot read this as JSON"),
    ({"text": YAML, "uid": "a b"}, 422, "uid"),
    ({"text": YAML, "uid": "midwatch-redis"}, 409, "comes with Midwatch"),
]


async def test_what_cannot_be_imported_says_why(house: House) -> None:
    """And nothing is kept."""
    for body, status, said in BAD_IMPORTS:
        answer = await house.call("editor", "POST", "dashboard-import", body)
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.text
    assert await house.listed() == {}


async def test_what_is_ambiguous_is_not_kept(house: House) -> None:
    """Two panels of one number; a uid that is not the address's; a field that is none."""
    found = (await house.call("editor", "POST", "dashboard-import", {"text": YAML, "uid": "shop"})).json()["dashboard"]
    panels = found["rows"][0]["panels"]
    twice = {**found, "rows": [{**found["rows"][0], "panels": [panels[0], panels[0]]}]}
    answer = await house.call("editor", "PUT", "/shop", {"dashboard": twice, "version": 1})
    assert (answer.status_code, "id=1: 2 panels have it" in answer.json()["error"]) == (400, True)
    other = await house.call("editor", "PUT", "/other", {"dashboard": found, "version": 1})
    assert (other.status_code, "expected other" in other.json()["error"]) == (400, True)
    unknown = await house.call("editor", "PUT", "/shop", {"dashboard": {**found, "colour": 1}, "version": 1})
    assert (unknown.status_code, "colour" in unknown.json()["error"]) == (422, True)
