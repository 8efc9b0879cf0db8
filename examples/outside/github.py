"""GitHub's REST API, as far as a repository is found and a pull request opened, with the `x-ratelimit-…` headers.

`refused`: 422, as when there is nothing between head and base. `rate_limited`: 403 and nothing left, as documented
for the primary limit.
"""

import itertools
import time
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from examples.outside.vendor import Vendor, router_of

GITHUB = Vendor("github", knows=frozenset({"refused", "rate_limited"}))
REQUESTS_AN_HOUR = 5000
router = router_of(GITHUB)
_numbers = itertools.count(1)
_asked: dict[int, int] = {}


class Pull(BaseModel):
    title: str
    head: str
    base: str
    body: str = ""


def _limits() -> dict[str, str]:
    hour = int(time.time()) // 3600
    used = _asked[hour] = _asked.get(hour, 0) + 1
    left = 0 if GITHUB.behaviour == "rate_limited" else max(REQUESTS_AN_HOUR - used, 0)
    return {
        "x-ratelimit-limit": str(REQUESTS_AN_HOUR),
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-used": str(REQUESTS_AN_HOUR - left),
        "x-ratelimit-reset": str((hour + 1) * 3600),
        "x-ratelimit-resource": "core",
    }


def _limited(limits: dict[str, str]) -> JSONResponse:
    said = {"message": "API rate limit exceeded", "documentation_url": "https://docs.github.com/rest"}
    return JSONResponse(said, 403, limits)


@router.get("/repos/{owner}/{repository}")
async def repository(owner: str, repository: str, response: Response) -> Any:
    limits = _limits()
    if GITHUB.does("rate_limited"):
        return _limited(limits)
    response.headers.update(limits)
    clone_url = f"https://github.com/{owner}/{repository}.git"
    return {"full_name": f"{owner}/{repository}", "default_branch": "main", "clone_url": clone_url, "private": True}


@router.post("/repos/{owner}/{repository}/pulls", status_code=201)
async def open_pull(owner: str, repository: str, pull: Pull, response: Response) -> Any:
    limits = _limits()
    if GITHUB.does("rate_limited"):
        return _limited(limits)
    if GITHUB.does("refused"):
        error = {"resource": "PullRequest", "code": "custom", "message": f"No commits between main and {pull.head}"}
        return JSONResponse({"message": "Validation Failed", "errors": [error]}, 422, limits)
    response.headers.update(limits)
    number = next(_numbers)
    page = f"https://github.com/{owner}/{repository}/pull/{number}"
    return {"number": number, "state": "open", "html_url": page, "title": pull.title, "head": {"ref": pull.head}}
