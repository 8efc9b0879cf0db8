"""The app that is measured, bare: what every variant puts its own around."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

LINES = 10
"""Lines that one request of `/lines/…` writes."""


def make(say: Callable[..., Any], **options: Any) -> FastAPI:
    """`say(message, **fields)` writes a line of level info, in the way of the variant."""
    app = FastAPI(**options)

    @app.get("/items/{item_id}")
    async def item(item_id: int, page: int = 1) -> dict[str, Any]:
        return {"id": item_id, "name": f"item {item_id}", "page": page}

    @app.get("/lines/{item_id}")
    async def lines(item_id: int) -> dict[str, Any]:
        for number in range(LINES):
            say("item looked up", item_id=item_id, number=number, cache="hit", store="catalogue", took_ms=1.25)
        return {"id": item_id}

    return app
