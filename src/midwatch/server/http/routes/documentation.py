"""`/docs`: the documentation of this version, for anybody who reaches the port."""

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, HTMLResponse, Response

from midwatch.server.documentation.frame import HERE, hits_shown, nothing_shown, page_shown
from midwatch.server.documentation.library import INDEX, Library
from midwatch.server.documentation.page import PREFIX

WORDS_MAX = 200
_CACHE = {"cache-control": "no-cache"}


def documentation_routes(library: Library | None = None) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    books = library or Library()

    @router.get(PREFIX)
    @router.get(f"{PREFIX}/")
    def begin(q: str = Query("", max_length=WORDS_MAX)) -> Response:
        """The index, or what `q` finds."""
        if q.strip():
            return HTMLResponse(hits_shown(q.strip(), books.search(q), books.contents()), headers=_CACHE)
        return shown(INDEX)

    @router.get(f"{PREFIX}/style.css")
    def style() -> Response:
        return FileResponse(HERE / "style.css", headers=_CACHE)

    @router.get(f"{PREFIX}/{{name:path}}")
    def shown(name: str) -> Response:
        if (picture := books.picture(name)) is not None:
            return FileResponse(picture, headers=_CACHE)
        page = books.page(name.removesuffix(".md"))
        if page is None:
            return HTMLResponse(nothing_shown(name, books.contents()), status_code=404)
        return HTMLResponse(page_shown(page, books.contents()), headers=_CACHE)

    return router
