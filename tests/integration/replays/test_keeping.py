"""Segments of replays are kept once, within limits, found by what they have, and gone when they are deleted."""

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from midwatch.contract.privacy_hashing import HashKey
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.blobs import open_blobs
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import NotFound
from midwatch.server.query.story.asking import Asked, Window
from midwatch.server.query.story.sources.replays import Replays
from midwatch.server.replays import sweeper as sweeper_module
from midwatch.server.replays.keeper import BadReplay
from midwatch.server.replays.rooms import ReplayRooms, replay_rooms
from midwatch.server.workspace import replays as replays_module
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.replays import Wanted
from midwatch.server.workspace.workspace import Workspace
from tests.integration.replays.segments import AT, event, recording
from tests.postgresql import new_database

pytestmark = pytest.mark.thorough

ACTOR = Actor("user", "u", "somebody", Role.ENGINEER)
DAY = 86_400
ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
ALL = Wanted(1, 0, 2**45)

IDS = HashKey("own", b"k" * 32)
ADA = f"[id {IDS.hash('ada@example.test')}]"
"""What a user is called whose address was told."""


@dataclass
class Kept:
    rooms: ReplayRooms
    workspace: Workspace
    blobs: Blobs
    clock: VirtualClock

    async def put(self, replay_id: str, segment: int = 0, *, project: int = 1, at: float = AT, **more: Any) -> None:
        said = event(replay_id, segment, at=at, **more)
        await self.rooms.keeper.keep(project, "", said, recording(segment, at=at), self.clock.now_ns())

    async def found(self, wanted: Wanted = ALL) -> list[str]:
        rows, _ = await self.rooms.desk.page(wanted, limit=10, cursor=None)
        return [one.row.id for one in rows]

    async def names(self) -> list[str]:
        return sorted([one.name async for one in self.blobs.list("replays")])

    def counted(self) -> dict[str, float]:
        return {dict(one.labels).get("outcome", ""): one.value for one in self.rooms.keeper.measures()}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    clock = VirtualClock((AT + 60) * 10**9)
    blobs = open_blobs("", tmp_path / "blobs")

    async def opened(url: str) -> AsyncIterator[Kept]:
        workspace = Workspace(Database(url), clock)
        await workspace.open()
        rooms = replay_rooms(
            workspace.database, blobs, lambda: PrivacyPolicy(ids=IDS), clock, days=30, bytes_max=1 << 30
        )
        yield Kept(rooms, workspace, blobs, clock)
        await workspace.close()

    if request.param == "sqlite":
        async for one in opened(f"sqlite:///{tmp_path / 'workspace.db'}"):
            yield one
        return
    with new_database() as url:
        async for one in opened(url):
            yield one


async def test_a_story_finds_replays_of_its_traces_and_users(kept: Kept) -> None:
    """Any of many keys, over SQLite's bound of variables too, the oldest first, within its time, as lines."""
    await kept.put(TWO, at=AT + 10, user={"id": "7"})
    await kept.put(ONE, trace_ids=["a" * 32], user={"id": "9"})
    await kept.put(THREE, user={"id": "8"})
    traces = tuple(f"{number:032x}" for number in range(2000))
    asked = Asked(1, (), (*traces, "a" * 32), (), ("7",), (Window(AT * 10**9, (AT + 60) * 10**9),), 10)
    source = Replays(kept.rooms.ledger)
    lines = await source.lines(asked)
    assert [line.link for line in lines] == [f"/replays/{ONE}", f"/replays/{TWO}"]
    assert [str(one) for one in lines[0].ids] == [f"trace {'a' * 32}", "user 9"]
    assert await source.lines(replace(asked, environments=("production",))) == []
    assert await source.lines(replace(asked, windows=(Window(0, 10**9),))) == []
    assert await source.lines(replace(asked, traces=(), users=())) == []


async def test_a_segment_is_kept_once(kept: Kept) -> None:
    """The same again changes nothing, whatever it says then; segments come in any order."""
    error = "e" * 32
    await kept.put(ONE, 1, error_ids=[error], trace_ids=["a" * 32], user={"id": "7", "email": "ada@example.test"})
    await kept.put(ONE, 0)
    before = await kept.rooms.desk.get(1, ONE)
    facts = (before.row.segments, before.row.clicks, before.row.errors, before.row.bytes, before.row.started_ms)
    said = event(ONE, 1, error_ids=["f" * 32], urls=["https://elsewhere.test/"])
    await kept.rooms.keeper.keep(1, "", said, recording(1, text="other"), kept.clock.now_ns())
    after = await kept.rooms.desk.get(1, ONE)
    assert facts == (after.row.segments, after.row.clicks, after.row.errors, after.row.bytes, after.row.started_ms)
    assert (after.row.segments, after.row.clicks, after.row.errors) == (2, 2, 1)
    assert (after.row.started_ms, after.row.finished_ms) == (AT * 1000, AT * 1000 + 10_000)
    assert after.keys == {
        "user": ("7", ADA),
        "error": (error,),
        "trace": ("a" * 32,),
        "url": ("https://shop.test/0", "https://shop.test/1"),
    }
    assert (after.row.user_label, after.row.release, after.row.environment) == ("7", "shop@1", "staging")
    events = json.loads(gzip.decompress(await kept.rooms.desk.segment(1, ONE, 1)))
    assert [one["type"] for one in events] == [4, 5, 3]
    assert events[2]["data"]["text"] == ""
    assert kept.counted()["known"] == 1
    assert kept.counted()["added"] == 2


async def test_replays_are_found_by_what_they_have(kept: Kept) -> None:
    """And only in their project; pages follow one another without a gap; what a key is of goes before what is said."""
    await kept.put(ONE, error_ids=["e" * 32], user={"id": "7", "ip_address": "192.0.2.1"})
    await kept.put(TWO, at=AT + 1, user={"id": "8"}, release="shop@2", urls=["https://shop.test/100%_off?a=1"])
    await kept.put(THREE, at=AT + 1, project=2)
    await kept.put(THREE, at=AT + 2)
    await kept.put(THREE, 20, at=AT + 2)
    assert await kept.found() == [THREE, TWO, ONE]
    wanted = {
        "user": ({"user": "7"}, [ONE]),
        "address": ({"user": "192.0.2.1"}, [ONE]),
        "no part of a user": ({"user": "192.0.2"}, []),
        "error": ({"error": "e" * 32}, [ONE]),
        "with errors": ({"with_errors": True}, [ONE]),
        "url": ({"url": "100%_"}, [TWO]),
        "no pattern": ({"url": "1_0"}, []),
        "release": ({"release": "shop@2"}, [TWO]),
        "environment": ({"environments": ("staging", "other")}, [THREE, TWO, ONE]),
        "no environment": ({"environments": ("production",)}, []),
        "long": ({"seconds_min": 60.0}, [THREE]),
        "short": ({"seconds_max": 5.0}, [TWO, ONE]),
        "rage": ({"with_rage": True}, []),
    }
    for name, (more, expected) in wanted.items():
        assert await kept.found(Wanted(1, 0, 2**45, **more)) == expected, name
    assert await kept.found(Wanted(1, AT * 1000 + 6_001, 2**45)) == [THREE]
    assert await kept.found(Wanted(1, 0, AT * 1000 + 1)) == [ONE]
    assert await kept.found(Wanted(2, 0, 2**45)) == [THREE]
    seen, cursor = [], None
    for _ in range(3):
        rows, cursor = await kept.rooms.desk.page(ALL, limit=1, cursor=cursor)
        seen += [one.row.id for one in rows]
    assert (seen, cursor) == ([THREE, TWO, ONE], None)


async def test_deleted_is_deleted(kept: Kept) -> None:
    """By id and by user: recordings, addresses and names are gone, and what a browser sends afterwards is not taken."""
    await kept.put(ONE, user={"id": "7"})
    await kept.put(ONE, 1, user={"id": "8"})
    await kept.put(TWO, user={"id": "7"}, error_ids=["e" * 32])
    await kept.put(THREE, user={"id": "9"})
    assert await kept.rooms.desk.delete_of_user(ACTOR, 1, "7") == 2
    assert await kept.rooms.desk.delete_of_user(ACTOR, 1, "7") == 0
    assert await kept.found() == [THREE]
    assert await kept.names() == [f"replays/1/{THREE}/000000"]
    await kept.put(ONE, 2, user={"id": "7"})
    await kept.rooms.desk.delete(ACTOR, 1, THREE)
    assert await kept.found() == []
    assert await kept.names() == []
    assert kept.counted()["deleted"] == 1
    for reading in (kept.rooms.desk.get(1, ONE), kept.rooms.desk.segment(1, THREE, 0)):
        with pytest.raises(NotFound):
            await reading
    audit = await kept.workspace.audit_page(before_id=None, limit=10)
    assert [(one.action, one.target, one.details["replays"]) for one in audit] == [
        ("replay.delete", THREE, 1),
        ("replay.delete", "7", 0),
        ("replay.delete", "7", 2),
    ]


async def test_replays_are_forgotten_by_age_and_by_size(kept: Kept) -> None:
    """With their blobs, the oldest first; what a server that was killed left behind goes, too."""
    await kept.put(ONE)
    await kept.put(TWO, at=AT + 10)
    await kept.put(THREE, at=AT + 20)
    ledger = kept.rooms.desk._ledger
    await ledger.empty(ACTOR, 1, replay_id=ONE)  # and the server ends before it drops the blobs
    await kept.rooms.sweeper.sweep()
    assert await kept.names() == [f"replays/1/{TWO}/000000", f"replays/1/{THREE}/000000"]
    kept.rooms.sweeper.bytes_max = (await ledger.usage()).bytes - 1
    await kept.rooms.sweeper.sweep()
    assert await kept.found() == [THREE]
    kept.clock.advance(31 * DAY)
    kept.rooms.retention.plan(0.0)
    await kept.rooms.sweeper.sweep()
    assert await kept.found() == [THREE]
    kept.rooms.retention.plan(None)
    await kept.rooms.sweeper.sweep()
    assert (await kept.found(), await kept.names(), await ledger.get(1, ONE)) == ([], [], None)
    assert await ledger.ended_before(2**45, 10) == []


async def test_what_a_server_that_was_killed_left_goes_in_one_sweep(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many steps that takes."""
    monkeypatch.setattr(sweeper_module, "AT_ONCE", 1)
    for replay_id in (ONE, TWO, THREE):
        await kept.put(replay_id, user={"id": "7"})
    ledger = kept.rooms.desk._ledger
    await ledger.empty(ACTOR, 1, user="7")  # and the server ends before it drops the blobs
    await kept.rooms.sweeper.sweep()
    assert (await kept.names(), await ledger.to_be_emptied(9)) == ([], [])


async def test_a_replay_has_limits(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of segments, bytes, hours and keys: what is over one is not kept, counted, and said of the replay."""
    await kept.put(ONE)
    await kept.put(ONE, 9_999)
    assert (await kept.rooms.desk.get(1, ONE)).row.cut == "hours"
    monkeypatch.setattr(replays_module, "SEGMENTS_MAX", 2)
    await kept.put(TWO)
    await kept.put(TWO, 1)
    await kept.put(TWO, 2)
    two = await kept.rooms.desk.get(1, TWO)
    assert (two.row.cut, two.row.segments) == ("segments", 2)
    monkeypatch.setattr(replays_module, "UNPACKED_BYTES_MAX", 10)
    await kept.put(THREE, error_ids=[f"{at:032x}" for at in range(1, 120)])
    await kept.put(THREE, 1, error_ids=[f"{at:032x}" for at in range(200, 220)])
    three = await kept.rooms.desk.get(1, THREE)
    assert (three.row.cut, three.row.segments, three.row.errors) == ("bytes", 1, replays_module.KEYS_MAX)
    counted = kept.counted()
    assert (counted["hours"], counted["segments"], counted["bytes"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("years", "message"), [(10, "3650 days ahead of this server's clock"), (-10, "3650 days before this server's")]
)
async def test_a_clock_that_is_ten_years_off_is_told(kept: Kept, years: int, message: str) -> None:
    """And so is a recording that belongs to another segment; neither leaves anything behind."""
    with pytest.raises(BadReplay, match=message):
        await kept.put(ONE, at=AT + years * 365 * DAY)
    with pytest.raises(BadReplay, match="the recording says that it is of segment 1"):
        await kept.rooms.keeper.keep(1, "", event(ONE), recording(1), kept.clock.now_ns())
    assert (await kept.found(), await kept.names(), kept.counted()["malformed"]) == ([], [], 2)


async def test_a_user_is_called_by_what_may_be_told(kept: Kept) -> None:
    """The page shows a plain id rather than the hash that stands for an address."""
    await kept.put(ONE, user={"id": "7", "email": "ada@example.test"})
    await kept.put(TWO, user={"email": "ada@example.test"})
    labels = {replay: (await kept.rooms.desk.get(1, replay)).row.user_label for replay in (ONE, TWO)}
    assert labels == {ONE: "7", TWO: ADA}


async def test_recordings_of_a_user_go_in_every_project(kept: Kept) -> None:
    """As an erasure asks for it; those of others stay."""
    for project, replay in ((1, ONE), (2, TWO), (3, THREE)):
        await kept.put(replay, project=project, user={"id": "7" if project < 3 else "8"})
    assert await kept.rooms.desk.delete_of_user_everywhere(ACTOR, "7") == 2
    assert await kept.names() == [f"replays/3/{THREE}/000000"]
