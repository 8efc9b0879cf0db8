"""Suspicious cells of a segment: out of the store, through the library, and back; in tables that are on no disk."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

from midwatch.server.model.privacy import Cell, Cleaner
from midwatch.server.model.segments import SealedSegment
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.flatten.marks import DROPPED, KEPT
from midwatch.server.store.flatten.statement import Flattening

_CELLS = "(Place String, Service String, Key String, Type UInt8, Value String) ENGINE = Memory"
_ANSWERS = "(Hash UInt64, Text String, Found String) ENGINE = Join(ANY, LEFT, Hash) SETTINGS persistent = 0"
_READ = "SELECT sipHash64(Place, Service, Key, Type, Value) AS Hash, Place, Service, Key, Type, Value FROM {table}"


class PrivateCells:
    def __init__(self, store: Store, cleaner: Cleaner) -> None:
        self._store = store
        self._cleaner = cleaner
        self._made = False

    @asynccontextmanager
    async def answers(
        self, segment: SealedSegment, flattening: Flattening, params: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> AsyncIterator[str]:
        """The table of what is put for the segment's suspicious cells, as long as the `async with` lasts.

        Raises:
            StoreError: the segment cannot be read, or the store does not answer.
        """
        store, database = self._store, f"{self._store.database}_looked_at"
        if not self._made:
            # A database of this engine is gone with the process that it is in.
            await store.execute(f"CREATE DATABASE IF NOT EXISTS `{database}` ENGINE = Memory")
            self._made = True
        # Names of their own for each attempt: of a Join, a process that was killed leaves a directory, empty, in which
        # no table of that name can be made again.
        attempt = f"{segment.id}_{token_hex(4)}"
        cells, answers = f"`{database}`.`cells_{attempt}`", f"{database}.answers_{attempt}"
        made = (cells, f"`{database}`.`answers_{attempt}`")
        try:
            for table, shape in zip(made, (_CELLS, _ANSWERS), strict=True):
                await store.execute(f"CREATE TABLE {table} {shape}")
            collect, query_id = flattening.collect(cells), f"cells-{segment.id}"
            await store.insert_file(collect, segment.path, params, settings, query_id, segment.pieces)
            rows = await store.table(_READ.format(table=cells), query_class=QueryClass.INGEST)
            found = await self._cleaner.clean(segment.kind.signal.value, [Cell(*row) for row in rows.rows])
            told = [
                (one.hash, KEPT + (DROPPED if one.text is None else one.text), ",".join(one.found)) for one in found
            ]
            if told:
                await store.insert_rows(answers, ("Hash", "Text", "Found"), told)
            yield answers
        finally:
            for table in made:
                await store.execute(f"DROP TABLE IF EXISTS {table}")
