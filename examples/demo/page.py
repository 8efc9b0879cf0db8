"""The page in which a system is chosen and made to go wrong, and what it asks. For this machine's own user alone."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, HTTPException, Request
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from examples.demo.shown import Shown

PAGE = Path(__file__).with_name("page.html")
OWN_HEADER = "x-midwatch-demo"
"""Other sites' pages cannot send it without asking first."""


def demo_app(shown: Shown) -> FastAPI:
    app = FastAPI(title="Midwatch's demo")
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])

    @app.middleware("http")
    async def only_own(request: Request, following: Callable[[Request], Awaitable[Response]]) -> Response:
        if request.method not in ("GET", "HEAD") and OWN_HEADER not in request.headers:
            return JSONResponse({"detail": f"changes take the header {OWN_HEADER}"}, 403)
        return await following(request)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE, headers={"cache-control": "no-store"})

    @app.get("/state")
    async def state() -> dict[str, Any]:
        """What there is, what is shown, and what is wrong with it."""
        now = shown.state()
        told = await asyncio.to_thread(shown.described)
        return {
            "choices": [
                {"name": one.name, "title": one.title, "about": one.about, "needs": one.needs, "lacks": one.lacks()}
                for one in shown.choices.values()
            ],
            "shown": now,
            "outside_url": (told or {}).get("outside_url", ""),
            "urls": (told or {}).get("urls", {}),
            **(await _faults(told)),
        }

    @app.post("/show/{name}")
    async def show(name: str) -> dict[str, str]:
        if name not in shown.choices:
            raise HTTPException(404, f"there is no {name}: {', '.join(shown.choices)}")
        asyncio.get_running_loop().create_task(shown.show(name))
        return {"name": name}

    @app.get("/look")
    async def look() -> RedirectResponse:
        """Midwatch, signed in."""
        link = await asyncio.to_thread(shown.look)
        if link is None:
            raise HTTPException(409, "nothing runs that could be looked at: choose a system first, at /")
        return RedirectResponse(link, 303)

    @app.post("/faults/{fault}")
    async def start(fault: str) -> Any:
        return await _control("POST", fault)

    @app.delete("/faults/{fault}")
    async def heal(fault: str) -> Any:
        return await _control("DELETE", fault)

    async def _control(method: str, fault: str) -> Any:
        told = await asyncio.to_thread(shown.described)
        if told is None or "control_url" not in told:
            raise HTTPException(409, "nothing runs that can be made to go wrong: choose a system first")
        async with httpx.AsyncClient(base_url=told["control_url"], timeout=60) as control:
            answer = await control.request(method, f"/faults/{fault}")
        return JSONResponse(answer.json(), answer.status_code)

    return app


async def _faults(told: Any) -> dict[str, Any]:
    if told is None or "control_url" not in told:
        return {"faults": {}, "active": []}
    try:
        async with httpx.AsyncClient(base_url=told["control_url"], timeout=5) as control:
            found: dict[str, Any] = (await control.get("/faults")).json()
            return found
    except httpx.HTTPError:
        return {"faults": {}, "active": []}
