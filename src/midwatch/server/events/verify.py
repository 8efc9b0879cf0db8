"""Walks a project's chain and says what does not fit: a broken link, an event that is missing or was changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from midwatch.server.events import chain
from midwatch.server.events.chain import Head
from midwatch.server.model.clock import Clock
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.domain_targets import ERASED
from midwatch.server.workspace.event_chain import Anchor, EventChains

STEP = 2000
"""Links that are looked at together."""
LINKS_MAX = 100_000
"""Of one call; the next goes on behind them."""
DAY_NS = 86_400_000_000_000
GRACE_NS = DAY_NS
"""TTL takes rows some time after they are due, and a retention that was shortened and lengthened again took more."""
Kind = Literal["broken", "missing", "changed", "added", "anchor", "end"]
_BEFORE = """SELECT Hash AS hash FROM event_chain WHERE Project = {project:UInt32} AND Position = {position:UInt64}"""
_SINCE = """SELECT min(Position) AS first, count() AS n FROM event_chain
WHERE Project = {project:UInt32} AND ChainedAt >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')"""
_LINKS = """SELECT Position, EventId, Digest, Hash, Shortened, toUnixTimestamp64Nano(Timestamp) AS time_ns
FROM event_chain
WHERE Project = {project:UInt32} AND Position BETWEEN {first:UInt64} AND {last:UInt64} ORDER BY Position"""
_EVENTS = f"""SELECT {chain.SELECTED}, Position FROM domain_events
WHERE Project = {{project:UInt32}} AND Position BETWEEN {{first:UInt64}} AND {{last:UInt64}} ORDER BY Position"""


@dataclass(frozen=True, slots=True)
class Problem:
    kind: Kind
    position: int
    event_id: str
    """Empty where it is not known any more."""
    said: str


@dataclass(frozen=True, slots=True)
class Verdict:
    first: int
    last: int
    """Positions that were looked at; `last` below `first`: none."""
    events: int
    """Whose content was compared."""
    expired: int
    """Whose content retention has taken, or a field of it: of these only the links were compared."""
    erased: int
    """Whose content went with a person, as their links say; the audit log has the erasures."""
    head: Head
    """Where the workspace says that the chain ends."""
    problem: Problem | None = None
    """The first one."""

    @property
    def whole(self) -> bool:
        """Whether everything up to the head was looked at."""
        return self.last >= self.head.position


class Verifier:
    def __init__(self, store: Store, chains: EventChains, clock: Clock, *, days: Callable[[], float]) -> None:
        """`days`: the retention in force; 0 is for ever."""
        self._store, self._chains, self._clock, self._days = store, chains, clock, days

    async def first_since(self, project: int, since_ns: int) -> int:
        """The position of the first event that was taken in since then; behind the end where none was."""
        rows = await self._rows(_SINCE, {"project": project, "since": since_ns // 1_000_000})
        heads = await self._chains.heads()
        end = heads[project].position if project in heads else 0
        return int(rows[0]["first"]) if rows[0]["n"] else end + 1

    async def verify(self, project: int, first: int = 1) -> Verdict:
        """Up to LINKS_MAX links from a position on; ends at the first problem."""
        heads = await self._chains.heads()
        end = heads.get(project)
        head = Head(end.position, end.hash) if end else Head()
        last = min(head.position, first + LINKS_MAX - 1)
        anchors = {one.position: one for one in await self._chains.anchors(project, first - 1, last)}
        if end is not None:
            anchors[end.position] = Anchor(end.position, end.hash, end.at_ms)
        before = chain.START if first <= 1 else await self._hash_at(project, first - 1)
        seen = Verdict(first, first - 1, 0, 0, 0, head)
        if before is None:
            return _with(seen, Problem("missing", first - 1, "", "its link is not in the store"))
        async for place, links, rows in self._steps(project, first, last):
            found = await asyncio.to_thread(_compared, place, before, links, rows, anchors, self._expired_before())
            seen = Verdict(
                first,
                found.last,
                seen.events + found.events,
                seen.expired + found.expired,
                seen.erased + found.erased,
                head,
                found.problem,
            )
            if found.problem is not None:
                return seen
            before = found.hash
        if seen.whole and (beyond := await self._beyond(project, head.position)):
            return _with(seen, beyond)
        return seen

    async def _steps(
        self, project: int, first: int, last: int
    ) -> AsyncIterator[tuple[tuple[int, int], list[dict[str, Any]], list[dict[str, Any]]]]:
        for start in range(first, last + 1, STEP):
            until = min(last, start + STEP - 1)
            span = {"project": project, "first": start, "last": until}
            yield (start, until), await self._rows(_LINKS, span), await self._rows(_EVENTS, span)

    async def _hash_at(self, project: int, position: int) -> str | None:
        rows = await self._rows(_BEFORE, {"project": project, "position": position})
        return str(rows[0]["hash"]) if rows else None

    async def _beyond(self, project: int, position: int) -> Problem | None:
        """Events behind the end of the chain that no link leads to."""
        rows = await self._rows(
            """SELECT Position, EventId FROM domain_events WHERE Project = {project:UInt32} AND Position > {last:UInt64}
            AND Position NOT IN (SELECT Position FROM event_chain WHERE Project = {project:UInt32}
                AND Position > {last:UInt64}) ORDER BY Position LIMIT 1""",
            {"project": project, "last": position},
        )
        if not rows:
            return None
        return Problem("added", int(rows[0]["Position"]), rows[0]["EventId"], "no link of the chain leads to it")

    def _expired_before(self) -> int:
        """Events from before this time may be gone."""
        days = self._days()
        return self._clock.now_ns() - int(days * DAY_NS) + GRACE_NS if days else -(2**63)

    async def _rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        return await self._store.rows(sql, params, query_class=QueryClass.PAGE)


@dataclass(frozen=True, slots=True)
class _Compared:
    last: int
    hash: str
    events: int
    expired: int
    erased: int
    problem: Problem | None


def _compared(
    place: tuple[int, int],
    before: str,
    links: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    anchors: Mapping[int, Anchor],
    expired_before_ns: int,
) -> _Compared:
    by_position: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_position.setdefault(int(row["Position"]), []).append(row)
    of_chain: dict[int, list[Mapping[str, Any]]] = {}
    for one in links:
        of_chain.setdefault(int(one["Position"]), []).append(one)
    events = expired = erased = 0
    for position in range(place[0], place[1] + 1):
        found, stored = of_chain.get(position, []), by_position.get(position, [])
        problem = _problem(position, before, found, stored, anchors.get(position), expired_before_ns)
        if problem is not None:
            return _Compared(position, before, events, expired, erased, problem)
        before = str(found[0]["Hash"])
        if stored and found[0]["Shortened"]:
            expired += 1
        else:
            events += len(stored)
        if not stored and found[0]["EventId"] == ERASED:
            erased += 1
        elif not stored:
            expired += 1
    return _Compared(place[1], before, events, expired, erased, None)


def _problem(
    position: int,
    before: str,
    links: Sequence[Mapping[str, Any]],
    stored: Sequence[Mapping[str, Any]],
    anchor: Anchor | None,
    expired_before_ns: int,
) -> Problem | None:
    event_id = str((links or stored or [{"EventId": ""}])[0]["EventId"])

    def of(kind: Kind, said: str) -> Problem:
        return Problem(kind, position, event_id, said)

    if not links:
        return of("missing", "its link is not in the store")
    one = links[0]
    if len(links) > 1 or str(one["Hash"]) != chain.link(before, _hex(one["Digest"])):
        return of("broken", "its link does not follow from the one before")
    if anchor is not None and anchor.hash != one["Hash"]:
        return of("anchor", "its link is another than the workspace noted: the chain was written anew")
    if len(stored) == 1 and not one["Shortened"] and chain.digest(stored[0]) != one["Digest"]:
        return of("changed", "the event is not what it was when it came")
    if len(stored) > 1:
        return of("added", "there is more than one event at its place")
    gone = not stored and event_id != ERASED and int(one["time_ns"]) >= expired_before_ns
    return of("missing", "the event is not in the store, and retention has not taken it") if gone else None


def _hex(text: Any) -> str:
    """A digest, or zeros for what is none."""
    found = str(text)
    return found if len(found) == len(chain.START) and not set(found) - set("0123456789abcdef") else chain.START


def _with(verdict: Verdict, problem: Problem) -> Verdict:
    return replace(verdict, problem=problem)
