"""Pages of ours before an app, be it ASGI or WSGI; anything else is the app's."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any

from midwatch.sdk.pages import HEADERS, METHODS, Asked, Pages

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_HEADERS = {name.encode(): name for name in HEADERS}
_ENVIRON = {f"HTTP_{name.upper().replace('-', '_')}": name for name in HEADERS}


class PagesAsgi:
    """Around an ASGI app."""

    def __init__(self, app: Any, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, self._opening(send))
            return
        if scope["type"] != "http" or scope["path"] not in self._pages.paths or scope["method"] not in METHODS:
            await self._app(scope, receive, send)
            return
        headers = {_HEADERS[name]: value.decode("latin-1") for name, value in scope["headers"] if name in _HEADERS}
        answer = await self._pages.reply_async(Asked(scope["path"], headers))
        told = [(name.encode(), value.encode()) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": told})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    def _opening(self, send: Send) -> Send:
        async def told(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self._pages.opened_async()
            await send(message)

        return told


class PagesWsgi:
    """Around a WSGI app."""

    def __init__(self, app: Any, pages: Pages) -> None:
        self._app = app
        self._pages = pages
        pages.opened()

    def __call__(self, environ: MutableMapping[str, Any], start_response: Any) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "GET")
        if path not in self._pages.paths or method not in METHODS:
            theirs: Iterable[bytes] = self._app(environ, start_response)
            return theirs
        headers = {name: environ[key] for key, name in _ENVIRON.items() if key in environ}
        answer = self._pages.reply(Asked(path, headers))
        status = HTTPStatus(answer.status)
        start_response(f"{status.value} {status.phrase}", answer.headers)
        return [b"" if method == "HEAD" else answer.body]


def add_before(app: Any, pages: Pages, wrappers: str) -> None:
    """Answer before a Starlette or Flask app is asked; `wrappers` go around any other.

    Raises:
        TypeError: it is no app with middleware.
    """
    if hasattr(app, "add_middleware") and hasattr(app, "user_middleware"):
        app.add_middleware(PagesAsgi, pages=pages)
    elif hasattr(app, "wsgi_app"):
        app.wsgi_app = PagesWsgi(app.wsgi_app, pages)
    else:
        raise TypeError(
            f"cannot answer {', '.join(sorted(pages.paths))} in {type(app).__module__}.{type(app).__qualname__}: "
            f"expected a FastAPI, Starlette or Flask app; put {wrappers} around any other"
        )
