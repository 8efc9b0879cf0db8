"""Events are taken in once, and what is changed in the store is seen."""

from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from tests.integration.store.conftest import Feed

from midwatch.server.events import chain
from midwatch.server.events.chainer import Chainer
from midwatch.server.events.verify import Verifier
from midwatch.server.model.clock import WallClock
from midwatch.server.model.errors import Conflict, StoreError
from midwatch.server.model.signal import SegmentKind
from midwatch.server.privacy.erasure.person import Person
from midwatch.server.protocols.domain_events.lines import read_events
from midwatch.server.store.client import Store
from midwatch.server.store.erasing import StoreErasing
from midwatch.server.workspace.workspace import Workspace

KIND = SegmentKind.DOMAIN_EVENTS


@dataclass
class Room:
    feed: Feed
    store: Store
    workspace: Workspace
    days: float = 0.0
    chainer: Chainer = field(init=False)

    def __post_init__(self) -> None:
        self.chainer = self.fresh()

    def fresh(self) -> Chainer:
        """As another server has it that takes over."""
        return Chainer(self.store, self.workspace.event_chains, WallClock(), stored=lambda: 0)

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.store, self.workspace.event_chains, WallClock(), days=lambda: self.days)

    async def send(self, *events: dict[str, Any], **options: object) -> None:
        read = read_events(events)
        assert not read.refused
        await self.feed.send(KIND, read.lines, **options)

    async def take(self) -> None:
        await self.chainer._begin()
        while await self.chainer.look():
            pass

    async def rows(self) -> list[dict[str, Any]]:
        return await self.store.rows("SELECT * FROM domain_events ORDER BY Project, Position")

    async def problem(self) -> tuple[str, str] | None:
        found = (await self.verifier.verify(1)).problem
        return None if found is None else (found.kind, found.event_id)


@pytest.fixture
def room(feed: Feed, store: Store, workspace: Workspace) -> Room:
    return Room(feed, store, workspace)


def event(id_: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "type": "linkup.locked", "entity": "linkup:1", "time": "2026-11-20T10:00:00Z", **more}


async def test_each_id_once_in_order_of_arrival(room: Room) -> None:
    """Repetitions in one body, in another, on another day: the first one counts, whoever takes it in."""
    await room.send(event("a", metadata={"n": 1}), event("a", metadata={"n": 2}), event("b"))
    await room.take()
    await room.send(event("b", time="2026-11-01T10:00:00Z", metadata={"late": True}), event("c", to="locked"))
    room.chainer = room.fresh()
    await room.take()
    await room.take()
    rows = await room.rows()
    assert [(row["Position"], row["EventId"]) for row in rows] == [(1, "a"), (2, "b"), (3, "c")]
    assert orjson.loads(rows[0]["Metadata"]) == {"n": 1}
    verdict = await room.verifier.verify(1)
    assert (verdict.problem, verdict.events, verdict.head.position, verdict.whole) == (None, 3, 3, True)


async def test_what_a_death_left_is_brought_to_its_end(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The links are there, and rows or head are not: the next holder does what is missing, and nothing twice."""
    chains = room.workspace.event_chains

    async def dies(*_: object, **__: object) -> None:
        raise StoreError("as if killed")

    await room.send(*(event(f"e{number}") for number in range(5)))
    for where, name in ((room.chainer, "_complete"), (chains, "move")):
        with monkeypatch.context() as patched:
            patched.setattr(where, name, dies)
            with pytest.raises(StoreError):
                await room.take()
        room.chainer = room.fresh()
    await room.take()
    assert [row["Position"] for row in await room.rows()] == [1, 2, 3, 4, 5]
    assert await room.problem() is None


async def test_a_holder_that_slept_touches_nothing(room: Room) -> None:
    """Another has gone on with the chain meanwhile: it starts anew from where that one is."""
    await room.send(event("a"))
    await room.take()
    asleep, room.chainer = room.chainer, room.fresh()
    await room.send(event("b"))
    await room.take()
    await room.send(event("c"))
    with pytest.raises(Conflict):
        await asleep.look()
    room.chainer = asleep
    await room.take()
    assert [row["EventId"] for row in await room.rows()] == ["a", "b", "c"]
    assert await room.problem() is None


async def test_links_that_nobody_of_us_wrote_are_thrown_away(room: Room) -> None:
    """Behind the end of the chain, and not following from it: events go on behind the true end."""
    await room.send(event("a"))
    await room.take()
    forged = "SELECT 1, 2, 'forged', now64(9), repeat('1', 64), repeat('2', 64)"
    await room.store.execute(f"INSERT INTO event_chain (Project, Position, EventId, Timestamp, Digest, Hash) {forged}")
    await room.send(event("b"))
    await room.take()
    assert [(row["Position"], row["EventId"]) for row in await room.rows()] == [(1, "a"), (2, "b")]
    assert await room.problem() is None


async def test_what_was_changed_or_taken_away_is_named(room: Room) -> None:
    """An event, a link, an end: each by the first event that does not fit."""
    await room.send(*(event(f"e{number}", metadata={"amount": number}) for number in range(1, 7)))
    await room.take()
    done = {"mutations_sync": 1}
    run = room.store.execute
    await run("ALTER TABLE domain_events UPDATE Metadata = '{}' WHERE EventId = 'e5'", settings=done)
    assert await room.problem() == ("changed", "e5")
    await run("ALTER TABLE domain_events DELETE WHERE EventId = 'e4'", settings=done)
    assert await room.problem() == ("missing", "e4")
    await run("ALTER TABLE event_chain UPDATE Digest = repeat('0', 64) WHERE EventId = 'e3'", settings=done)
    assert await room.problem() == ("broken", "e3")
    await run("ALTER TABLE event_chain DELETE WHERE EventId = 'e2'", settings=done)
    assert (await room.problem() or ("", ""))[0] == "missing"
    assert (await room.verifier.verify(1)).problem.position == 2  # type: ignore[union-attr]


async def test_a_chain_that_was_written_anew_is_known_by_the_workspace(room: Room) -> None:
    """Whoever may write the store can make a chain that fits by itself; its end is another."""
    await room.send(event("a", metadata={"amount": 1}))
    await room.take()
    run, done = room.store.execute, {"mutations_sync": 1}
    before = await room.workspace.event_chains.heads()
    other = Room(room.feed, room.store, room.workspace)
    await run("ALTER TABLE domain_events UPDATE Metadata = '{}' WHERE 1", settings=done)
    row = (await room.store.rows(f"SELECT {chain.SELECTED} FROM domain_events"))[0]
    made = chain.digest(row)
    link = chain.link(chain.START, made)
    await run(f"ALTER TABLE event_chain UPDATE Digest = '{made}', Hash = '{link}' WHERE 1", settings=done)
    assert before[1].hash != link
    assert await other.problem() == ("anchor", "a")


async def test_who_was_erased_leaves_no_gap(room: Room) -> None:
    """Their events go, the links say so and hold; another's event that is gone is still missed."""
    await room.send(event("a", metadata={"who": "customer-1"}), event("b"), event("of-customer-1"), event("d"))
    await room.take()
    erasing = StoreErasing(room.store)
    pattern = Person(("customer-1",)).pattern()
    for searched in await erasing.tables():
        async for _ in erasing.delete(searched, pattern):
            pass
        assert await erasing.count(searched, pattern) == 0, searched.table
    assert [row["EventId"] for row in await room.rows()] == ["b", "d"]
    verdict = await room.verifier.verify(1)
    assert (verdict.problem, verdict.events, verdict.erased, verdict.expired) == (None, 2, 2, 0)
    await room.store.execute("ALTER TABLE domain_events DELETE WHERE EventId = 'b'", settings={"mutations_sync": 1})
    assert await room.problem() == ("missing", "b")


async def test_what_retention_has_taken_is_no_gap(room: Room) -> None:
    """Of events that are older than the retention only the links are compared."""
    await room.send(event("old", time="2020-01-01T00:00:00Z"), event("new", time="2026-11-26T00:00:00Z"))
    await room.take()
    await room.store.execute("ALTER TABLE domain_events DELETE WHERE EventId = 'old'", settings={"mutations_sync": 1})
    assert await room.problem() == ("missing", "old")
    room.days = 400.0
    verdict = await room.verifier.verify(1)
    assert (verdict.problem, verdict.events, verdict.expired) == (None, 1, 1)
