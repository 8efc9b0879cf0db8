"""Where the status page is: besides `/status` at a path and at a host of its own, as its definition says."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

OWN = "/status"


@dataclass(frozen=True, slots=True)
class Place:
    """Empty: none of its own."""

    path: str = OWN
    host: str = ""


class StatusPlaceMiddleware:
    """Calls by these names what is at `/status`. At the page's own host there is nothing else: no API, no sign-in."""

    def __init__(self, app: ASGIApp, place: Callable[[], Place]) -> None:
        self._app, self._place = app, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            place, path = self._place(), scope["path"]
            if place.host and _host(scope) == place.host:
                inner = path.removeprefix(place.path) if _below(path, place.path) else path
                scope = _moved(scope, OWN + (inner if inner != "/" else ""))
            elif place.path != OWN and _below(path, place.path):
                scope = _moved(scope, OWN + path.removeprefix(place.path))
        await self._app(scope, receive, send)


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")


def _host(scope: Scope) -> str:
    sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return str(sent.decode("latin-1")).lower().rpartition(":")[0] or str(sent.decode("latin-1")).lower()


def _moved(scope: Scope, path: str) -> Scope:
    return {**scope, "path": path, "raw_path": path.encode(), "status_place": True}
