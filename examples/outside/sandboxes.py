"""A provider of sandboxes with the shape of E2B's API: create, run a command, kill, and what of the plan is used.

Behaviours: `hang` (a command never ends), `lint_fails` (it ends with 1), `full` (no more sandboxes at once: 429),
`quota` (so many of the month's hours are used: `{"hours": 85}`), `boot_slow` (`{"seconds": 65}` until there is one);
the general `slow` makes all of it slow.
"""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from fastapi import HTTPException
from pydantic import BaseModel, Field

from examples.outside.vendor import Vendor, router_of

SANDBOXES = Vendor("sandboxes", knows=frozenset({"hang", "lint_fails", "full", "quota", "boot_slow"}))
AT_ONCE = 20
HOURS_A_MONTH = 100.0
COMMAND_SECONDS = 0.6
LINT = "src/app.ts\n  12:7  error  'total' is assigned a value but never used  no-unused-vars\n"
router = router_of(SANDBOXES)


@dataclass
class Sandbox:
    """`commands` by process id: when each began, whether it never ends, and how it does."""

    template: str
    began: float = field(default_factory=time.time)
    commands: dict[int, tuple[float, bool, dict[str, Any]]] = field(default_factory=dict)


class New(BaseModel):
    template_id: str = Field(alias="templateID")
    timeout: int = 900


class Command(BaseModel):
    cmd: str


_alive: dict[str, Sandbox] = {}
_used_seconds = 0.0


def _sandbox(sandbox_id: str) -> Sandbox:
    if sandbox_id not in _alive:
        raise HTTPException(404, f"sandbox {sandbox_id!r} was not found: it was killed or its time is over")
    return _alive[sandbox_id]


@router.post("/sandboxes", status_code=201)
async def create(new: New) -> dict[str, str]:
    if len(_alive) >= AT_ONCE or SANDBOXES.does("full"):
        raise HTTPException(429, f"you have reached the maximum number of concurrent sandboxes ({AT_ONCE})")
    if SANDBOXES.does("boot_slow"):
        await asyncio.sleep(float(SANDBOXES.details.get("seconds", 3)))
    sandbox_id = uuid.uuid4().hex[:20]
    _alive[sandbox_id] = Sandbox(new.template_id)
    return {"sandboxID": sandbox_id, "templateID": new.template_id, "envdVersion": "0.4.0"}


@router.get("/sandboxes")
async def listed() -> list[dict[str, Any]]:
    return [
        {"sandboxID": name, "templateID": one.template, "startedAt": one.began, "state": "running"}
        for name, one in _alive.items()
    ]


@router.delete("/sandboxes/{sandbox_id}", status_code=204)
async def kill(sandbox_id: str) -> None:
    global _used_seconds  # noqa: PLW0603 - what is used is counted once for the account
    _used_seconds += time.time() - _sandbox(sandbox_id).began
    del _alive[sandbox_id]


@router.post("/sandboxes/{sandbox_id}/commands")
async def run(sandbox_id: str, command: Command) -> dict[str, int]:
    sandbox = _sandbox(sandbox_id)
    number = len(sandbox.commands) + 1
    fails = command.cmd.startswith("npm run lint") and SANDBOXES.does("lint_fails")
    how = {"exitCode": 1, "stdout": LINT} if fails else {"exitCode": 0, "stdout": "done\n"}
    sandbox.commands[number] = (time.time(), SANDBOXES.does("hang"), how)
    return {"pid": number}


@router.get("/sandboxes/{sandbox_id}/commands/{pid}")
async def ran(sandbox_id: str, pid: int) -> dict[str, Any]:
    began, endless, how = _sandbox(sandbox_id).commands[pid]
    if endless or time.time() - began < COMMAND_SECONDS:
        return {"running": True}
    return {"running": False, **how}


@router.get("/usage")
async def usage() -> dict[str, float]:
    """Of the account: sandboxes at once, and hours of the calendar month."""
    running = sum(time.time() - one.began for one in _alive.values())
    used = float(SANDBOXES.details.get("hours", 0)) + (_used_seconds + running) / 3600
    return {
        "concurrentSandboxes": len(_alive),
        "concurrentSandboxesLimit": AT_ONCE,
        "sandboxHoursUsed": used,
        "sandboxHoursLimit": HOURS_A_MONTH,
    }
