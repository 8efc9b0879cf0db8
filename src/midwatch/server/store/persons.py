"""Which distinct ids are one person: the links that events told, followed to their ends, and kept in `persons`.

An id that was anonymous belongs to whom it was first identified as: who signs in later on the same device without a
reset is somebody else. Aliases and merges join whom they name. A person is called by the id that was known first of
those that somebody was identified as.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from midwatch.server.store.client import QueryClass, Store

log = structlog.get_logger(__name__)

LINKS_MAX = 1_000_000
"""Of one project; links beyond the first so many are not followed, and the log says so."""
ROWS_AT_ONCE = 5_000
_ANSWER_BYTES_MAX = 64 << 10
"""An INSERT answers nothing, but for what went wrong."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two ids of one person, in the order of their times."""

    linked: str
    distinct: str
    kind: str


def resolved(links: Iterable[Link]) -> dict[str, str]:
    """The person of every id that a link names. `links` come in the order of their times."""
    parents: dict[str, str] = {}
    named: dict[str, tuple[int, int]] = {}
    identified: dict[str, str] = {}

    def root(one: str) -> str:
        while (parent := parents.setdefault(one, one)) != one:
            parents[one] = one = parents[parent]
        return one

    for place, link in enumerate(links):
        identifies = link.kind == "identify"
        if identifies and identified.setdefault(link.linked, link.distinct) != link.distinct:
            continue
        # Who was identified gives the name, before what was only linked; of each the first.
        for one, rank in ((link.distinct, 0 if identifies else 1), (link.linked, 2)):
            named[one] = min(named.get(one, (rank, place)), (rank, place))
        parents[root(link.linked)] = root(link.distinct)
    names: dict[str, str] = {}
    for one in sorted(named, key=lambda one: (named[one], one)):
        names.setdefault(root(one), one)
    return {one: names[root(one)] for one in named}


class Persons:
    """Keeps `persons` up to what links say; asked before each question about persons."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[int, tuple[int, int]] = {}
        self._known: dict[int, dict[str, str]] = {}
        self._working = asyncio.Lock()

    async def refresh(self, project: int) -> None:
        """Bring the table up to the links that are visible now; next to nothing when there are no new ones.

        Raises:
            StoreError: the store does not answer.
        """
        async with self._working:
            found = await self._store.rows(
                "SELECT count() AS n, toUnixTimestamp64Milli(max(StoredAt)) AS last FROM person_links"
                " WHERE Project = {project:UInt32}",
                {"project": project},
            )
            state = (int(found[0]["n"]), int(found[0]["last"]))
            if self._seen.get(project) == state or not state[0]:
                return
            await self._bring_up(project)
            self._seen[project] = state

    async def _bring_up(self, project: int) -> None:
        rows = await self._store.rows(
            f"""SELECT LinkedId AS linked, DistinctId AS distinct_id, toString(Kind) AS kind, min(FirstAt) AS at,
                    toUnixTimestamp64Milli(max(StoredAt)) AS stored
                FROM person_links WHERE Project = {{project:UInt32}} GROUP BY linked, distinct_id, kind
                ORDER BY at, linked, distinct_id, kind LIMIT {LINKS_MAX + 1}""",
            {"project": project},
        )
        if len(rows) > LINKS_MAX:
            log.warning("persons.too_many_links", project=project, followed=LINKS_MAX)
        links = [Link(row["linked"], row["distinct_id"], row["kind"]) for row in rows[:LINKS_MAX]]
        whole = await asyncio.to_thread(resolved, links)
        known = self._known.get(project, {})
        changed = [(one, person) for one, person in whole.items() if known.get(one) != person]
        # What more links say, or an earlier time of one, goes before what was said without it: two servers may work
        # at once.
        version = len(rows) + max(int(row["stored"]) for row in rows)
        for start in range(0, len(changed), ROWS_AT_ONCE):
            await self._insert(project, changed[start : start + ROWS_AT_ONCE], version=version)
        self._known[project] = whole

    async def _insert(self, project: int, rows: Sequence[tuple[str, str]], *, version: int) -> None:
        params: Mapping[str, Any] = {
            "project": project,
            "version": version,
            "ids": [one for one, _ in rows],
            "persons": [person for _, person in rows],
        }
        # Not `execute`, which writes parameters into an address: these are too long for one.
        await self._store.binary(
            """INSERT INTO persons (Project, DistinctId, Person, Version)
                SELECT {project:UInt32}, pair.1, pair.2, {version:UInt64}
                FROM (SELECT arrayJoin(arrayZip({ids:Array(String)}, {persons:Array(String)})) AS pair)""",
            params,
            query_class=QueryClass.INGEST,
            bytes_max=_ANSWER_BYTES_MAX,
        )
