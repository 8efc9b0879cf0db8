"""The store as questions about costs see it."""

from typing import Any, Protocol


class Reader(Protocol):
    async def rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]: ...
