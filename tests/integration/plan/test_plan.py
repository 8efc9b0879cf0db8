"""The plan over its public doors: the API, the directory, two servers on one database; with the real workspace."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.eventually import becomes_true

from midwatch.contract.plan import MAIN_FILE, Plan
from midwatch.contract.plan.sections.privacy import Privacy
from midwatch.server.http.api import build_api
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import counted_refusals
from midwatch.server.http.routes.plan import plan_routes
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import WallClock
from midwatch.server.model.errors import Unavailable
from midwatch.server.plan.effects import privacy_effect, retention_effect
from midwatch.server.plan.keeper import DOCUMENT, PlanKeeper
from midwatch.server.plan.watch import PlanWatch
from midwatch.server.plan_parts import READERS
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.workspace import Workspace

ENGINEER = Actor(kind="user", id="1", name="Erna", role=Role.ENGINEER)
GOOD = {MAIN_FILE: "services: {api: {owner: backend}}\nretention: {logs: 3d}\nprivacy: {deny: [phone]}\n"}
BETTER = {MAIN_FILE: "services: {api: {owner: platform}}\n"}
BAD = {MAIN_FILE: "services: {api: {ownr: backend}}\n"}


class Rooms:
    """What the effects of a plan reach; `broken` makes the store's answer to the next change an error."""

    def __init__(self) -> None:
        self.retention: dict[str, float] = {}
        self.pattern = ""
        self.broken = False

    async def put_retention(self, days: Any) -> None:
        if self.broken:
            self.broken = False
            raise Unavailable("cannot change the retention: the store does not answer")
        self.retention = {signal.value: number for signal, number in days.items()}

    def put_privacy(self, section: Privacy) -> None:
        self.pattern = section.pattern

    def keeper(self, workspace: Workspace) -> PlanKeeper:
        return PlanKeeper(workspace, [privacy_effect(self.put_privacy), retention_effect(self.put_retention)], READERS)


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    found = Workspace(Database(f"sqlite:///{tmp_path / 'workspace.db'}"), WallClock())
    await found.open()
    yield found
    await found.close()


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


async def test_a_plan_comes_into_force_is_remembered_and_audited(workspace: Workspace, rooms: Rooms) -> None:
    """Effects run, the next start has the same plan, and the audit log says who changed what."""
    keeper = rooms.keeper(workspace)
    await keeper.open()
    assert "password" in rooms.pattern
    outcome = await keeper.apply(GOOD, replace(ENGINEER, address="10.0.0.7"), source="API")
    assert outcome.ok
    assert outcome.applied
    assert [change.path for change in outcome.changes] == ["privacy", "retention", "services"]
    assert rooms.retention == {"logs": 3.0}
    assert "phone" in rooms.pattern

    entry = (await workspace.audit_page(before_id=None, limit=1))[0]
    assert (entry.actor, entry.action, entry.target, entry.address) == ("Erna", "plan.apply", "API", "10.0.0.7")
    assert entry.details["changes"] == ["added privacy", "added retention", "added services"]

    after = Rooms()
    restarted = after.keeper(workspace)
    await restarted.open()
    assert restarted.in_force.described() == keeper.in_force.described()
    assert (after.retention, after.pattern) == (rooms.retention, rooms.pattern)
    assert restarted.in_force.applied_by == "Erna"


async def test_the_plan_before_stays_in_force_on_any_error(workspace: Workspace, rooms: Rooms) -> None:
    """A mistake in the text, a store that is away: nothing is half applied, nothing is audited."""
    keeper = rooms.keeper(workspace)
    await keeper.open()
    await keeper.apply(GOOD, ENGINEER, source="API")
    pattern, entries = rooms.pattern, len(await workspace.audit_page(before_id=None, limit=50))
    outcome = await keeper.apply(BAD, ENGINEER, source="API")
    assert not outcome.ok
    assert "did you mean owner?" in outcome.problems[0].message

    rooms.broken = True
    with pytest.raises(Unavailable, match="the store does not answer"):
        await keeper.apply(BETTER, ENGINEER, source="API")
    assert (rooms.retention, rooms.pattern) == ({"logs": 3.0}, pattern)
    assert keeper.in_force.plan.written["services"] == {"api": {"owner": "backend"}}
    assert len(await workspace.audit_page(before_id=None, limit=50)) == entries
    assert (await keeper.apply(BETTER, ENGINEER, source="API")).applied


async def test_the_same_plan_again_changes_nothing(workspace: Workspace, rooms: Rooms) -> None:
    """Applying what is in force is no change and no line in the audit log; a comment is no change either."""
    keeper = rooms.keeper(workspace)
    await keeper.open()
    await keeper.apply(GOOD, ENGINEER, source="API")
    outcome = await keeper.apply({MAIN_FILE: "# hello\n" + GOOD[MAIN_FILE]}, ENGINEER, source="API")
    assert outcome.ok
    assert not outcome.applied
    assert len(await workspace.audit_page(before_id=None, limit=50)) == 1


async def test_two_servers_on_one_database_agree(workspace: Workspace) -> None:
    """What one puts in force, the other takes over without being asked twice."""
    here, there = Rooms(), Rooms()
    one, other = here.keeper(workspace), there.keeper(workspace)
    await one.open()
    await other.open()
    await one.apply(GOOD, ENGINEER, source="API")
    assert await other.refresh()
    assert not await other.refresh()
    assert not await one.refresh()
    assert there.retention == here.retention == {"logs": 3.0}


async def test_a_change_of_the_directory_is_taken(workspace: Workspace, rooms: Rooms, tmp_path: Path) -> None:
    """At start and after each write; a broken version is told and leaves the one before in force."""
    directory = tmp_path / "observability"
    keeper = rooms.keeper(workspace)
    await keeper.open()
    watch = PlanWatch(keeper, directory)
    outcome = await watch.look()
    assert outcome is not None
    assert "expected a directory" in keeper.refused[0].message

    directory.mkdir()
    (directory / MAIN_FILE).write_text(GOOD[MAIN_FILE])
    running = asyncio.create_task(watch.run())
    try:
        await becomes_true(lambda: rooms.retention == {"logs": 3.0} and keeper.refused == ())
        (directory / MAIN_FILE).write_text(BAD[MAIN_FILE])
        await becomes_true(lambda: bool(keeper.refused))
        assert keeper.refused[0].line == 1
        assert rooms.retention == {"logs": 3.0}
        (directory / MAIN_FILE).write_text(BETTER[MAIN_FILE])
        await becomes_true(lambda: rooms.retention == {} and keeper.refused == ())
        assert keeper.in_force.applied_by == "plan directory"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_api_shows_checks_and_applies(workspace: Workspace, rooms: Rooms) -> None:
    """Viewers look and check, engineers apply; answers have problems with places and the difference."""
    keeper = rooms.keeper(workspace)
    await keeper.open()
    call = await _api(workspace, keeper)
    state = (await call("viewer", "GET", "")).json()
    assert state["source"] is None
    assert "password" in state["plan"]["privacy"]["denylist"]

    answer = (await call("viewer", "POST", "/check", BAD)).json()
    assert not answer["ok"]
    assert {key: answer["problems"][0][key] for key in ("file", "line", "column")} == {
        "file": MAIN_FILE,
        "line": 1,
        "column": 18,
    }
    assert (await call("viewer", "POST", "/apply", GOOD)).status_code == 403
    assert (await call("reader", "POST", "/apply", GOOD)).status_code == 403
    assert (await call("nobody", "GET", "")).status_code == 401
    applied = (await call("engineer", "POST", "/apply", GOOD)).json()
    assert applied["applied"]
    assert applied["changes"][1] == {"path": "retention", "kind": "added", "before": None, "after": {"logs": "3d"}}
    state = (await call("viewer", "GET", "")).json()
    assert (state["source"], state["applied_by"]) == ("API", "engineer")
    assert state["plan"]["retention"]["logs"] == "3d"
    assert (await call("viewer", "GET", "/schema")).json()["title"].startswith("Midwatch plan")


async def test_one_more_file_is_put_beside_those_in_force(workspace: Workspace, rooms: Rooms, tmp_path: Path) -> None:
    """By engineers; never over another, and not where a directory is what counts."""
    keeper = rooms.keeper(workspace)
    await keeper.open()
    call = await _api(workspace, keeper)
    await call("engineer", "POST", "/apply", GOOD)
    file, text = "/files/runbooks/first.md", "# What to do"
    assert (await call("viewer", "PUT", file, text)).status_code == 403
    assert (await call("engineer", "PUT", "/files/midwatch.yml", "")).status_code == 422
    added = (await call("engineer", "PUT", file, text)).json()
    assert (added["ok"], rooms.retention) == (True, {"logs": 3.0})
    kept = await workspace.get_document(DOCUMENT)
    assert kept is not None
    assert kept.value["files"] == {**GOOD, "runbooks/first.md": text}
    assert (await call("engineer", "PUT", file, text)).json()["ok"]
    other = await call("engineer", "PUT", file, "# Something else")
    assert (other.status_code, "another file of that name" in other.json()["error"]) == (409, True)
    both = await asyncio.gather(*(call("engineer", "PUT", f"/files/runbooks/{n}.md", f"# {n}") for n in range(2)))
    kept = await workspace.get_document(DOCUMENT)
    assert kept is not None
    added_now = sum(one.status_code == 200 for one in both)
    assert {one.status_code for one in both} <= {200, 409}
    assert len(kept.value["files"]) == 2 + added_now
    (tmp_path / MAIN_FILE).write_text(BETTER[MAIN_FILE])
    await PlanWatch(keeper, tmp_path).look()
    other = await call("engineer", "PUT", "/files/runbooks/second.md", text)
    assert (other.status_code, f"the plan comes from {tmp_path}" in other.json()["error"]) == (409, True)


async def test_bodies_over_the_limits_are_refused(workspace: Workspace, rooms: Rooms) -> None:
    """A file over 1 MiB, more than 1,000 files, and unknown fields are 4xx."""
    keeper = rooms.keeper(workspace)
    await keeper.open()
    call = await _api(workspace, keeper)
    assert (await call("viewer", "POST", "/check", {MAIN_FILE: "#" * (1 << 20)})).status_code == 200
    assert (await call("viewer", "POST", "/check", {MAIN_FILE: "#" * ((1 << 20) + 1)})).status_code == 413
    assert (await call("viewer", "POST", "/check", {str(n): "" for n in range(1001)})).status_code == 413


async def test_a_later_effect_that_fails_undoes_the_earlier_ones(workspace: Workspace) -> None:
    """Effects are told of the plan before again, in their order."""
    told: list[str] = []

    async def first(plan: Plan) -> None:
        told.append(f"first {plan.written.get('services')}")

    async def second(plan: Plan) -> None:
        if plan.written:
            raise Unavailable("cannot")
        told.append("second")

    keeper = PlanKeeper(workspace, [first, second])
    await keeper.open()
    with pytest.raises(Unavailable):
        await keeper.apply(BETTER, ENGINEER, source="API")
    assert told == ["first None", "second", "first {'api': {'owner': 'platform'}}", "first None", "second"]


Call = Callable[..., Awaitable[httpx.Response]]


async def _api(workspace: Workspace, keeper: PlanKeeper) -> Call:
    """The real routes and the real guard; `call(who, method, path, files or the text of one)`."""
    admin = Actor(kind="system", id="0", name="Ada", role=Role.ADMIN)
    every = frozenset(Scope)
    tokens = {"nobody": "mwt_nobody"}
    for name, role, scopes in (
        ("viewer", Role.VIEWER, every),
        ("engineer", Role.ENGINEER, every),
        ("reader", Role.ENGINEER, frozenset({Scope.READ})),
    ):
        tokens[name] = await _token(workspace, admin, name, role, scopes)
    app = build_api(doors=[], routers=[plan_routes(keeper, Guard(workspace))], refused=counted_refusals())

    async def call(who: str, method: str, path: str, files: dict[str, str] | str | None = None) -> httpx.Response:
        transport = httpx.ASGITransport(app)
        headers = {"authorization": f"Bearer {tokens[who]}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://midwatch", headers=headers) as client:
            body = {"text": files} if isinstance(files, str) else None if files is None else {"files": files}
            return await client.request(method, f"/api/v1/plan{path}", json=body)

    return call


async def _token(workspace: Workspace, admin: Actor, name: str, role: Role, scopes: frozenset[Scope]) -> str:
    _, token = await workspace.tokens.add(admin, name=name, role=role, scopes=scopes, expires_days=None)
    return token
