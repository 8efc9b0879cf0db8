"""All stand-ins behind one port; how each behaves is said at `/control/NAME`."""

from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from examples.outside import (
    checkout,
    convex,
    github,
    images,
    llm,
    payments,
    reddit,
    sandboxes,
    sms,
    storage,
    told,
    vectors,
)
from examples.outside.vendor import Vendor

VENDORS = (checkout, convex, github, images, llm, payments, reddit, sandboxes, sms, storage, vectors)
"""Modules with a `router` and a Vendor, one vendor a module."""


class Behaviour(BaseModel):
    behaviour: str
    details: dict[str, Any] = {}


def world() -> FastAPI:
    app = FastAPI(title="The outside world")
    vendors = {told.TOLD.name: told.TOLD}
    for module in VENDORS:
        app.include_router(module.router)
        vendors |= {one.name: one for one in vars(module).values() if isinstance(one, Vendor)}
    app.include_router(told.shown)
    app.include_router(told.doors)

    def vendor(name: str) -> Vendor:
        if name not in vendors:
            raise HTTPException(404, f"there is no vendor {name!r}: {', '.join(sorted(vendors))}")
        return vendors[name]

    @app.put("/control/{name}", status_code=204)
    async def behave(name: str, how: Behaviour) -> None:
        vendor(name).behave(how.behaviour, how.details)

    @app.get("/control/{name}")
    async def behaves(name: str) -> Behaviour:
        return Behaviour(behaviour=vendor(name).behaviour, details=vendor(name).details)

    @app.get("/seen/{name}")
    async def seen(name: str) -> list[dict[str, Any]]:
        """What it was asked, oldest first."""
        return list(vendor(name).seen)

    return app
