"""GitHub's REST API, for repositories, pull requests and issues, with the `x-ratelimit-…` headers.

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
_issues: dict[int, dict[str, Any]] = {}


class Issue(BaseModel):
    title: str
    body: str = ""
    labels: list[str] = []
    assignees: list[str] = []


class Change(BaseModel):
    state: str = "open"
    state_reason: str | None = None


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


@router.get("/repos/{owner}/{repository}/issues")
async def issues(owner: str, repository: str, state: str = "open", labels: str = "") -> list[dict[str, Any]]:
    wanted = set(labels.split(",")) - {""}
    found = [one for one in _issues.values() if one["repository"] == f"{owner}/{repository}" and one["state"] == state]
    return [one for one in reversed(found) if wanted <= set(one["labels"])]


@router.post("/repos/{owner}/{repository}/issues", status_code=201)
async def open_issue(owner: str, repository: str, issue: Issue) -> dict[str, Any]:
    number = next(_numbers)
    about = {"number": number, "state": "open", "repository": f"{owner}/{repository}"}
    _issues[number] = {**issue.model_dump(), **about}
    return _issues[number]


@router.post("/repos/{owner}/{repository}/issues/{number}/comments", status_code=201)
async def comment(owner: str, repository: str, number: int, said: dict[str, str]) -> Any:
    return {"id": next(_numbers), **said} if number in _issues else JSONResponse({"message": "Not Found"}, 404)


@router.patch("/repos/{owner}/{repository}/issues/{number}")
async def change_issue(owner: str, repository: str, number: int, change: Change) -> Any:
    if number not in _issues:
        return JSONResponse({"message": "Not Found"}, 404)
    _issues[number] |= change.model_dump()
    return _issues[number]
