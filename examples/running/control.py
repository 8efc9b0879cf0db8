"""The port at which a running system is asked to go wrong, and to get well again."""

from typing import Any

from fastapi import FastAPI, HTTPException

from examples.running.running import RunningSystem
from midwatch.cli.parts import PartFailed


def control_app(running: RunningSystem) -> FastAPI:
    app = FastAPI(title=f"{running.system.title}: faults")

    @app.get("/faults")
    async def faults() -> dict[str, Any]:
        """All that can be made to go wrong, and what is wrong now."""
        return {"faults": {name: one.what for name, one in running.system.faults.items()}, "active": running.active}

    @app.post("/faults/{name}")
    async def start(name: str) -> dict[str, str]:
        fault = _found(name)
        if name not in running.active:
            await fault.start(running)
            running.active.append(name)
        return {"what": fault.what}

    @app.delete("/faults/{name}")
    async def heal(name: str) -> dict[str, str]:
        fault = _found(name)
        if name in running.active:
            await fault.heal(running)
            running.active.remove(name)
        return {"what": fault.what}

    @app.delete("/faults")
    async def heal_all() -> dict[str, list[str]]:
        healed = list(running.active)
        for name in reversed(healed):
            await heal(name)
        return {"healed": healed}

    def _found(name: str) -> Any:
        try:
            return running.fault(name)
        except PartFailed as error:
            raise HTTPException(404, str(error)) from None

    return app
