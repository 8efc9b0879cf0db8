"""The store for one class of questions about series, what they cost counted."""

from collections.abc import Mapping
from typing import Any

from midwatch.server.query.costs import Costs
from midwatch.server.store.client import QueryClass, Store


class StoreReader:
    def __init__(self, store: Store, costs: Costs, query_class: QueryClass) -> None:
        self._store, self._costs, self._class = store, costs, query_class

    async def rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        with self._costs.of(self._class):
            return await self._store.rows(sql, params, query_class=self._class)

    async def binary(
        self, sql: str, params: dict[str, Any], *, bytes_max: int, settings: Mapping[str, Any] | None = None
    ) -> bytes:
        with self._costs.of(self._class):
            return await self._store.binary(
                sql, params, query_class=self._class, settings=settings, bytes_max=bytes_max
            )

    async def alter(self, statement: str, params: Mapping[str, Any]) -> None:
        """On every node that has the table, and waited for."""
        for one in self._store.layout.ddl(statement):
            await self._store.execute(one, params, settings={"mutations_sync": 2})
