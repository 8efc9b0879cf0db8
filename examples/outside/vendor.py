"""What all stand-ins have in common: they remember what they were asked, and can be told to misbehave."""

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request

SEEN_MAX = 10_000
HANG_SECONDS = 60.0


@dataclass
class Vendor:
    """`behaviour` is `ok`, one of the general ones (`slow`, `error`, `timeout`), or one that it knows itself."""

    name: str
    knows: frozenset[str] = frozenset()
    behaviour: str = "ok"
    details: dict[str, Any] = field(default_factory=dict)
    seen: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=SEEN_MAX))

    def behave(self, behaviour: str, details: dict[str, Any]) -> None:
        known = {"ok", "slow", "error", "timeout"} | self.knows
        if behaviour not in known:
            raise HTTPException(422, f"{self.name} does not know behaviour {behaviour!r}: {', '.join(sorted(known))}")
        self.behaviour, self.details = behaviour, details

    def does(self, behaviour: str) -> bool:
        """Whether this request is one that it behaves so for: all, or `share` of them."""
        return self.behaviour == behaviour and random.random() < float(self.details.get("share", 1))

    async def take(self, request: Request) -> None:
        """Remember the request, and do what is general: wait, fail, or say nothing for long."""
        body = (await request.body()).decode(errors="replace")
        self.seen.append(
            {
                "at": time.time(),
                "method": request.method,
                "path": request.url.path,
                "headers": dict(request.headers),
                "body": body,
            }
        )
        if self.does("slow"):
            await asyncio.sleep(float(self.details.get("seconds", 3)))
        elif self.does("timeout"):
            await asyncio.sleep(float(self.details.get("seconds", HANG_SECONDS)))
            raise HTTPException(504, "no answer in time")
        elif self.does("error"):
            raise HTTPException(int(self.details.get("status", 503)), f"{self.name} is down")


def router_of(vendor: Vendor, prefix: str | None = None) -> APIRouter:
    """Its doors, below `/NAME` where nothing else is said."""
    return APIRouter(prefix=f"/{vendor.name}" if prefix is None else prefix, dependencies=[Depends(vendor.take)])
