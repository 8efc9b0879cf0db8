"""An app that fails in every way and answers with envelopes."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

import midwatch


async def limited(_: Request) -> None:
    raise HTTPException(429, "slow down", {"retry-after": "7"})


async def invalid(_: Request) -> None:
    raise HTTPException(400, "no such size")


async def broken(_: Request) -> None:
    raise ValueError("the basket is broken")


midwatch.init()
app = Starlette(routes=[Route("/limited", limited), Route("/invalid", invalid), Route("/broken", broken)])
midwatch.instrument(app)
midwatch.answer_errors(app)
