"""An app that fails in every way and answers with envelopes."""

from fastapi import FastAPI, HTTPException

import midwatch

midwatch.init()
app = FastAPI()
midwatch.instrument(app)
midwatch.answer_errors(app)


@app.get("/limited")
async def limited() -> None:
    raise HTTPException(429, "slow down", {"retry-after": "7"})


@app.get("/invalid")
async def invalid() -> None:
    raise HTTPException(400, "no such size")


@app.get("/sized/{size}")
async def sized(size: int) -> int:
    return size


@app.get("/broken")
async def broken() -> None:
    raise ValueError("the basket is broken")
