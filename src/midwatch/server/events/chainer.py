"""Takes what has landed into `domain_events`: each event id once, in order of arrival, with a link of the chain.

The order of a batch: links into the store, then rows, then the head into the workspace. What a death in between leaves
lies beyond the head, and is brought to its end before anything else: by the same steps, which look at what is there.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson
import structlog

from midwatch.server.events import chain
from midwatch.server.events.chain import Head
from midwatch.server.looking import Left, Pace, look_on
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Conflict, MidwatchError, StoreError
from midwatch.server.model.faults import fault_point
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.domain_targets import COLUMNS
from midwatch.server.workspace.event_chain import EventChains

log = structlog.get_logger(__name__)

BATCH = 500
RECENT_SECONDS = 3600
"""How long the INSERT of a segment may take at most, and more: what landed before was seen by an earlier look."""
ALL_SECONDS = 31 * 86_400
"""As long as landed events are kept."""
PACE = Pace(look=0.5, idle=5.0, all=3600.0, recent_span=RECENT_SECONDS, all_span=ALL_SECONDS)
BEYOND_MAX = 5000
"""Links that are brought to their end at once."""
_ANSWER_BYTES_MAX = 64 << 10
_KEY = "concat(lower(hex(Segment)), '-', toString(SegmentRow))"
_LANDED = f"""SELECT {chain.SELECTED}, lower(hex(Segment)) AS SegmentHex, SegmentRow
FROM domain_events_landed
WHERE LandedAt >= now64(3) - INTERVAL {{seconds:UInt32}} SECOND AND (Project, EventId) NOT IN (
    SELECT Project, EventId FROM event_ids WHERE SeenAt >= now64(3) - INTERVAL {{seconds:UInt32}} SECOND)
ORDER BY LandedAt, Segment, SegmentRow LIMIT 1 BY Project, EventId LIMIT {BATCH}"""
_KNOWN = "SELECT DISTINCT EventId FROM event_ids WHERE Project = {project:UInt32} AND EventId IN {ids:Array(String)}"
_SEEN = "INSERT INTO event_ids (Project, EventId) SELECT {project:UInt32}, arrayJoin({ids:Array(String)})"
_LINKS = """INSERT INTO event_chain (Project, Position, EventId, Timestamp, Digest, Hash, Segment, SegmentRow)
SELECT {project:UInt32}, one.1, one.2, fromUnixTimestamp64Nano(one.3, 'UTC'), one.4, one.5, unhex(one.6), one.7
FROM (SELECT arrayJoin(arrayZip({positions:Array(UInt64)}, {ids:Array(String)}, {times:Array(Int64)},
    {digests:Array(String)}, {hashes:Array(String)}, {segments:Array(String)}, {rows:Array(UInt32)})) AS one)"""
_BEYOND = f"""SELECT Position, EventId, Digest, Hash, {_KEY} AS key, lower(hex(Segment)) AS segment FROM event_chain
WHERE Project = {{project:UInt32}} AND Position > {{head:UInt64}} ORDER BY Position LIMIT {BEYOND_MAX}"""
_PRESENT = """SELECT DISTINCT Position FROM domain_events
WHERE Project = {project:UInt32} AND Position BETWEEN {first:UInt64} AND {last:UInt64}"""
_NAMES = ", ".join(COLUMNS)
_ROWS = f"""INSERT INTO domain_events ({_NAMES}, Position)
SELECT {_NAMES}, {{positions:Array(UInt64)}}[indexOf({{keys:Array(String)}}, {_KEY})] AS Position
FROM domain_events_landed
WHERE Segment IN (SELECT CAST(unhex(arrayJoin({{segments:Array(String)}})) AS FixedString(16)))
    AND has({{keys:Array(String)}}, {_KEY})"""
_ORDER = "(Sequence, Timestamp, EventId)"
_LATEST = f"""INSERT INTO entity_latest (Project, Environment, EntityType, EntityId, State, Since, LastTime)
SELECT Project, Environment, EntityType, EntityId, argMaxState(toString(StateTo), {_ORDER}),
    argMaxState(Timestamp, {_ORDER}), max(Timestamp)
FROM domain_events WHERE Project = {{project:UInt32}} AND Position BETWEEN {{first:UInt64}} AND {{last:UInt64}}
    AND EntityType != '' AND EntityId != '' AND StateTo != ''
GROUP BY Project, Environment, EntityType, EntityId"""
_FORGET = "ALTER TABLE event_chain DELETE WHERE Project = {project} AND Position > {head}"


class Chainer:
    """Under a lease: one server does it for all."""

    def __init__(self, store: Store, chains: EventChains, clock: Clock, *, stored: Callable[[], int]) -> None:
        """`stored`: grows with what this server stores."""
        self._store, self._chains, self._clock, self._stored = store, chains, clock, stored
        self._heads: dict[int, Head] = {}
        self._unsure: set[int] = set()
        self._events = Counts("midwatch_domain_events_total", "Domain events taken in", ())
        self._repeated = Counts("midwatch_domain_events_repeated_total", "Domain events that were known already", ())

    def measures(self) -> Iterable[Measure]:
        yield from self._events.measures()
        yield from self._repeated.measures()

    async def run(self) -> None:
        """Until cancelled."""
        await self._begin()

        async def look(seconds: int) -> Left:
            return Left.MORE if await self.look(seconds) else Left.NOTHING

        async def failed(error: Exception) -> None:
            log.warning("events.retry", error=str(error))
            await self._begin()

        await look_on(look, pace=PACE, clock=self._clock, stored=self._stored, failed=failed, errors=(MidwatchError,))

    async def look(self, seconds: int = ALL_SECONDS) -> bool:
        """Take in a batch of what landed within so many seconds; whether there may be more."""
        if self._unsure:
            await self._finish()
        rows = await self._rows(_LANDED, {"seconds": seconds})
        by_project = sorted(rows, key=lambda row: row["Project"])
        for project, of_project in groupby(by_project, key=lambda row: row["Project"]):
            await self._take(int(project), list(of_project))
        return len(rows) == BATCH

    async def _begin(self) -> None:
        """What another holder of the lease, or this one before an error, has left is brought to its end first."""
        while True:
            try:
                heads = await self._chains.heads()
                beyond = await self._rows("SELECT DISTINCT Project AS project FROM event_chain")
                self._heads = {project: Head(one.position, one.hash) for project, one in heads.items()}
                self._unsure = {int(row["project"]) for row in beyond}
                return
            except MidwatchError as error:
                log.warning("events.retry", error=error.message)
                await asyncio.sleep(PACE.idle)

    async def _finish(self) -> None:
        for project in sorted(self._unsure):
            head = self._heads.get(project, Head())
            for step in ("links", "rows"):
                await self._store.stop_query(_query_id(project, head, step))
            while await self._complete(project):
                pass
        self._unsure.clear()

    async def _take(self, project: int, rows: Sequence[Mapping[str, Any]]) -> None:
        ids = [row["EventId"] for row in rows]
        known = {row["EventId"] for row in await self._asked(_KNOWN, {"project": project, "ids": ids})}
        if known:
            # Told anew that they are taken: else each look would find them.
            await self._do(_SEEN, {"project": project, "ids": sorted(known)})
            self._repeated.add(amount=len(known))
        fresh = [row for row in rows if row["EventId"] not in known]
        if not fresh:
            return
        head = await self._head(project)
        self._unsure.add(project)
        links = await asyncio.to_thread(_linked, head, fresh)
        await self._do(_LINKS, {"project": project, **links}, query_id=_query_id(project, head, "links"))
        fault_point("events_after_links")
        if not await self._complete(project):
            raise StoreError("cannot find the links that were just written: the store answers from before")
        self._unsure.discard(project)

    async def _head(self, project: int) -> Head:
        """Raises Conflict where another server has gone on: this one was asleep, and must touch nothing."""
        ours, found = self._heads.get(project, Head()), (await self._chains.heads()).get(project)
        if (found.position if found else 0) != ours.position:
            raise Conflict(f"cannot go on with the chain of project {project}: another server has")
        return ours

    async def _complete(self, project: int) -> bool:
        """Bring in what links beyond the head say, and move the head behind it; whether there were any."""
        head = self._heads.get(project, Head())
        links = await self._rows(_BEYOND, {"project": project, "head": head.position})
        if not links:
            return False
        await self._head(project)
        if not _follow(head, links):
            # Not ours: written by somebody else into the store, or by a holder that had lost its lease.
            log.error("events.chain_foreign", project=project, after=head.position, links=len(links))
            statement = _FORGET.format(project=project, head=head.position)
            for one in self._store.layout.ddl(statement):
                await self._store.execute(one, settings={"mutations_sync": 1})
            return False
        first, last = int(links[0]["Position"]), int(links[-1]["Position"])
        span = {"project": project, "first": first, "last": last}
        await self._do(_SEEN, {"project": project, "ids": [one["EventId"] for one in links]})
        there = {row["Position"] for row in await self._rows(_PRESENT, span)}
        missing = [one for one in links if one["Position"] not in there]
        if missing:
            params = {
                "positions": [one["Position"] for one in missing],
                "keys": [one["key"] for one in missing],
                "segments": sorted({one["segment"] for one in missing}),
            }
            await self._do(_ROWS, params, query_id=_query_id(project, head, "rows"))
        fault_point("events_after_rows")
        await self._do(_LATEST, span)
        await self._chains.move(project, head.position, last, links[-1]["Hash"])
        self._heads[project] = Head(last, links[-1]["Hash"])
        self._events.add(amount=len(links))
        return True

    async def _rows(self, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        return await self._store.rows(sql, params, query_class=QueryClass.INGEST)

    async def _asked(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        """A question with long lists in it, which have no room in an address."""
        content = await self._store.binary(
            f"{sql} FORMAT JSONEachRow", params, query_class=QueryClass.INGEST, bytes_max=16 << 20
        )
        return [orjson.loads(line) for line in content.splitlines()]

    async def _do(self, sql: str, params: dict[str, Any], *, query_id: str = "") -> None:
        settings = {"max_insert_threads": 1, **({"query_id": query_id} if query_id else {})}
        await self._store.binary(
            sql, params, query_class=QueryClass.INGEST, settings=settings, bytes_max=_ANSWER_BYTES_MAX
        )


def _linked(head: Head, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The links of these events, in columns."""
    digests, hashes, last = [], [], head.hash
    for row in rows:
        digests.append(chain.digest(row))
        last = chain.link(last, digests[-1])
        hashes.append(last)
    return {
        "positions": [head.position + place for place in range(1, len(rows) + 1)],
        "ids": [row["EventId"] for row in rows],
        "times": [row["TimeNs"] for row in rows],
        "digests": digests,
        "hashes": hashes,
        "segments": [row["SegmentHex"] for row in rows],
        "rows": [row["SegmentRow"] for row in rows],
    }


def _follow(head: Head, links: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the links go on from the head without a gap."""
    position, last = head.position, head.hash
    for one in links:
        position += 1
        last = chain.link(last, one["Digest"])
        if one["Position"] != position or one["Hash"] != last:
            return False
    return True


def _query_id(project: int, head: Head, step: str) -> str:
    return f"events-{project}-{head.position}-{step}"
