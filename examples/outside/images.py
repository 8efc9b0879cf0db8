"""A provider of images and voices. `rate_limited`: 429 with `retry-after`; `refused`: 400."""

import asyncio
import random
import time
import uuid
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from examples.outside.vendor import Vendor, router_of

IMAGES = Vendor("images", knows=frozenset({"rate_limited", "refused"}))
ANSWER_SECONDS = 0.05
router = router_of(IMAGES)


class Wanted(BaseModel):
    prompt: str
    size: str = "1024x1024"


class Said(BaseModel):
    text: str
    voice: str


def _refused() -> JSONResponse | None:
    if IMAGES.does("rate_limited"):
        error = {"type": "rate_limit_exceeded", "message": "Rate limit reached for images"}
        return JSONResponse({"error": error}, 429, {"retry-after": "5"})
    if IMAGES.does("refused"):
        error = {"type": "content_policy_violation", "message": "The prompt was not allowed"}
        return JSONResponse({"error": error}, 400)
    return None


@router.post("/v1/images")
async def image(wanted: Wanted) -> Any:
    if refused := _refused():
        return refused
    await asyncio.sleep(random.uniform(0, 2 * ANSWER_SECONDS))
    return {"created": int(time.time()), "data": [{"url": f"https://images.example/{uuid.uuid4().hex}.png"}]}


@router.post("/v1/speech")
async def speech(said: Said) -> Any:
    if refused := _refused():
        return refused
    await asyncio.sleep(random.uniform(0, 2 * ANSWER_SECONDS))
    return {"url": f"https://images.example/{uuid.uuid4().hex}.mp3", "characters": len(said.text)}
