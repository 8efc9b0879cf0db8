"""Serves the built page: hashed assets for ever, `index.html` for every other path so that deep links work."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from midwatch.server.http.errors import WHERE_ROUTES_ARE, methods_of
from midwatch.server.model.errors import NotFound

PAGE_PATH = "/{path:path}"
PAGE_DIR = Path(__file__).parent.parent / "page"
_NO_PAGES = ("api/", "assets/", "jaeger/", "loki/", "v1/", "ingest/")
_NOT_BUILT = """<!doctype html>
<title>Midwatch</title>
<body style="font-family: sans-serif; max-width: 40em; margin: 4em auto">
<h1>The page is not built</h1>
<p>This copy of Midwatch runs from source. Build its page with <code>make ui</code> and load this address again.
The API under <code>/api/v1</code> works meanwhile.</p>"""


def page_routes(page_dir: Path = PAGE_DIR) -> APIRouter:
    """Mount last: it answers every GET that no other route took."""
    router = APIRouter(include_in_schema=False)
    root = page_dir.resolve()

    @router.api_route(PAGE_PATH, methods=["GET", "HEAD"])
    async def page(path: str, request: Request) -> Response:
        if "\0" in path:
            raise NotFound("cannot find a path with a NUL character")
        wanted = (root / path).resolve()
        if path and wanted.is_relative_to(root) and wanted.is_file():
            immutable = path.startswith("assets/")
            cache = "public, max-age=31536000, immutable" if immutable else "no-cache"
            return FileResponse(wanted, headers={"cache-control": cache})
        if path.startswith(_NO_PAGES) or (path and "text/html" not in request.headers.get("accept", "text/html")):
            if methods_of(request):
                raise HTTPException(405)
            raise NotFound(f"cannot find /{path}: no such route; {WHERE_ROUTES_ARE}")
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503)
        return FileResponse(index, headers={"cache-control": "no-cache"})

    return router
