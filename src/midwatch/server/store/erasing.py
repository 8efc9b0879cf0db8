"""Rows out of every table by what stands in their texts, and parts of before off the disk.

A mutation's text is kept by the store: rows are named there by hashes of theirs, and never by what was searched.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from midwatch.server.model.errors import StoreError
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.domain_targets import ERASED

AT_ONCE = 20_000
"""Rows of one mutation."""
ROUNDS_MAX = 200
MUTATION_SECONDS_MAX = 3600.0
PARTS_SECONDS_MAX = 900.0
LOOK_SECONDS = 0.5
PARTS_LOOK_SECONDS, PARTS_LOOK_SECONDS_MAX = 1.5, 15.0
"""What is being read does not go, and whoever looks at the parts holds them: each pause is longer."""
_COLUMNS = """SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND table IN (
    SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')
ORDER BY table, position"""
_NOT_OF_PEOPLE = frozenset({"schema_migrations", "series_judgements"})
_MAP = re.compile(r"Map\((?:LowCardinality\()?String\)?, (?:LowCardinality\()?String\)?\)")
_TEXT = re.compile(r"(?:LowCardinality\()?(?:Nullable\()?String\)*")
_BIG = {"max_query_size": 64 << 20, "max_ast_elements": 10_000_000, "max_expanded_ast_elements": 10_000_000}
_SEARCH = {"max_execution_time": 600}


@dataclass(frozen=True, slots=True)
class Searched:
    """A table, and the conditions over its columns."""

    table: str
    condition: str
    """Whether `{pattern:String}` is found in one of a row's texts."""
    digest: str
    """What names a row."""


class StoreErasing:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def tables(self) -> list[Searched]:
        """Every table that holds texts, those of later versions included."""
        rows = await self._store.rows(_COLUMNS, query_class=QueryClass.INGEST)
        columns: dict[str, list[tuple[str, str]]] = {}
        for row in rows:
            if "String" in row["type"] and "AggregateFunction(" not in row["type"] and row["type"] != "FixedString(16)":
                columns.setdefault(row["table"].removesuffix("_local"), []).append((f"`{row['name']}`", row["type"]))
        return [
            Searched(
                table,
                " OR ".join(_holds(name, kind) for name, kind in found),
                f"sipHash64({', '.join(name for name, _ in found)})",
            )
            for table, found in columns.items()
            if table not in _NOT_OF_PEOPLE
        ]

    async def count(self, searched: Searched, pattern: str) -> int:
        sql = f"SELECT count() AS n FROM {searched.table} WHERE {searched.condition}"
        rows = await self._store.rows(sql, {"pattern": pattern}, query_class=QueryClass.INGEST, settings=_SEARCH)
        return int(rows[0]["n"])

    async def delete(self, searched: Searched, pattern: str) -> AsyncIterator[int]:
        """Yields how many rows went with each step. Links of the chain of domain events stay, and say that theirs went.

        Raises:
            StoreError: the store does not delete them.
        """
        for _ in range(ROUNDS_MAX):
            sql = f"""SELECT {searched.digest} AS digest, count() AS n FROM {searched.table}
                WHERE {searched.condition} GROUP BY digest LIMIT {AT_ONCE}"""
            rows = await self._store.rows(sql, {"pattern": pattern}, query_class=QueryClass.INGEST, settings=_SEARCH)
            if not rows:
                return
            digests = ", ".join(str(row["digest"]) for row in rows)
            found = f"{searched.digest} IN ({digests})"
            if searched.table == "domain_events":
                await self._mark_links(found)
            change = f"UPDATE EventId = '{ERASED}'" if searched.table == "event_chain" else "DELETE"
            await self.change(searched.table, f"{change} WHERE {found}")
            yield sum(int(row["n"]) for row in rows)
        raise StoreError(f"cannot erase from {searched.table}: rows go on coming; stop their sender and run it again")

    async def _mark_links(self, found: str) -> None:
        """What goes from `domain_events` is no gap of the chain, which its link says."""
        rows = await self._store.rows(
            f"SELECT DISTINCT Project, Position FROM domain_events WHERE {found}", query_class=QueryClass.INGEST,
            settings=_BIG,
        )  # fmt: skip
        places = ", ".join(f"({row['Project']}, {row['Position']})" for row in rows)
        if places:
            await self.change("event_chain", f"UPDATE EventId = '{ERASED}' WHERE (Project, Position) IN ({places})")

    async def change(self, table: str, change: str) -> None:
        """A mutation; on return no part in use is without it. Raises StoreError."""
        await self._alter(table, change)
        await self._mutated(table)

    async def forget_parts(self, tables: Sequence[str]) -> None:
        """Return when the parts of these that are in use no more now are gone; later merges leave others.

        Raises:
            StoreError: they did not go in time.
        """
        quickly, usual = "MODIFY SETTING old_parts_lifetime = 1", "RESET SETTING old_parts_lifetime"

        async def as_usual() -> None:
            for table in tables:
                await self._let_clean_up("START", self._store.layout.stored(table))
                await self._alter(table, usual)

        pause = PARTS_LOOK_SECONDS
        try:
            for table in tables:
                await self._alter(table, quickly)
            left = await self._inactive_parts(tables)
            async with asyncio.timeout(PARTS_SECONDS_MAX):
                while left:
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, PARTS_LOOK_SECONDS_MAX)
                    for table in {table for table, _ in left}:
                        await self._let_clean_up("STOP", table)
                        await self._let_clean_up("START", table)
                    await asyncio.sleep(LOOK_SECONDS)
                    left &= await self._inactive_parts(tables)
        except TimeoutError:
            raise StoreError("cannot see old parts go: a long query may still read them; run it again") from None
        finally:
            # Also where whoever asked has gone.
            await asyncio.shield(as_usual())

    async def _let_clean_up(self, word: str, stored: str) -> None:
        """What takes old parts away sleeps for up to five minutes, and wakes when it is let go on (ClickHouse 26).

        A server that cannot be told so is waited for.
        """
        with suppress(StoreError):
            await self._store.execute(self._store.layout.cleanup(word, stored))

    async def _inactive_parts(self, tables: Sequence[str]) -> set[tuple[str, str]]:
        sql = f"""SELECT table, name FROM {self._store.layout.parts} WHERE database = {{database:String}}
            AND NOT active AND table IN {{tables:Array(String)}}"""
        stored = [self._store.layout.stored(table) for table in tables]
        params = {"database": self._store.database, "tables": stored}
        rows = await self._store.rows(sql, params, query_class=QueryClass.INGEST)
        return {(row["table"], row["name"]) for row in rows}

    async def events(self, pattern: str) -> list[tuple[int, str]]:
        """Project and id of the errors that will go: files belong to them."""
        (searched,) = [one for one in await self.tables() if one.table == "error_events"]
        sql = f"SELECT DISTINCT Project, EventId FROM error_events WHERE {searched.condition} LIMIT 1000000"
        rows = await self._store.rows(sql, {"pattern": pattern}, query_class=QueryClass.INGEST, settings=_SEARCH)
        return [(int(row["Project"]), str(row["EventId"])) for row in rows]

    async def other_names(self, name: str) -> list[str]:
        """What else product events know a person as."""
        sql = """SELECT arrayJoin([toString(LinkedId), toString(DistinctId)]) AS name FROM person_links
            WHERE LinkedId = {name:String} OR DistinctId = {name:String} GROUP BY name LIMIT 100"""
        return [str(row["name"]) for row in await self._store.rows(sql, {"name": name}, query_class=QueryClass.INGEST)]

    async def _alter(self, table: str, change: str) -> None:
        for one in self._store.layout.ddl(f"ALTER TABLE {table} {change}"):
            await self._store.execute(one, settings=_BIG)

    async def _mutated(self, table: str) -> None:
        sql = """SELECT count() AS n, any(latest_fail_reason) AS why FROM system.mutations
            WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done"""
        params = {"table": self._store.layout.stored(table)}
        async with asyncio.timeout(MUTATION_SECONDS_MAX):
            while True:
                (row,) = await self._store.rows(sql, params, query_class=QueryClass.INGEST)
                if not row["n"]:
                    return
                if row["why"]:
                    raise StoreError(f"cannot change {table}: the store says: {str(row['why'])[:300]}")
                await asyncio.sleep(LOOK_SECONDS)


def _holds(name: str, kind: str) -> str:
    """Whether the pattern is found in a column."""
    if _TEXT.fullmatch(kind):
        return f"match({name}, {{pattern:String}})"
    if _MAP.fullmatch(kind):
        return _in_map(name)
    if kind.startswith("Array(Map("):
        return f"arrayExists(m -> {_in_map('m')}, {name})"
    if kind.startswith("Array(") and _TEXT.fullmatch(kind[6:-1]):
        return f"arrayExists(t -> match(t, {{pattern:String}}), {name})"
    return f"match(toString({name}), {{pattern:String}})"


def _in_map(name: str) -> str:
    found = "arrayExists(t -> match(t, {{pattern:String}}), {})"
    return f"({found.format(f'mapKeys({name})')} OR {found.format(f'mapValues({name})')})"
