"""`/api/0/…`: releases, commits, deploys and what sentry-cli asks about itself."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from midwatch.server.http.auth import Guard
from midwatch.server.http.sentry_bodies import (
    ORGANIZATION,
    Organization,
    Project,
    Version,
    project_of,
    projects_of,
    read_json,
)
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import format_time, parse_time
from midwatch.server.schemas.sentry_api import Answer, SentCommit, SentDeploy, SentRelease
from midwatch.server.workspace.models import DeployRow, ReleaseCommitRow, ReleaseRow
from midwatch.server.workspace.releases import Change, Commit, Deploy, Releases

SHOWN_MAX = 100
_SENTRY_SCOPES = {
    Scope.READ: ["org:read", "project:read"],
    Scope.WRITE: ["project:write", "project:releases", "org:ci"],
    Scope.ADMIN: [],
}
"""In the words that sentry-cli shows."""
_RELEASE = ORGANIZATION + "/releases/{version}/"
_RELEASE_OF = "/projects/{organization}/{project}/releases/{version}/"


def sentry_info_routes(projects: Callable[[], Sequence[int]], guard: Guard) -> APIRouter:
    """Who one is, and what there is. `projects`: the numbers of those that have an ingest key."""
    router = APIRouter(prefix="/api/0", include_in_schema=False)
    Viewer = Annotated[Actor, Depends(guard.requires(Role.VIEWER))]

    @router.get("/")
    async def info(actor: Viewer) -> Answer:
        scopes = [said for scope in sorted(actor.scopes) for said in _SENTRY_SCOPES[scope]]
        user = {"id": actor.user_id or actor.id, "name": actor.name, "email": actor.name}
        return {"version": "0", "auth": {"scopes": scopes}, "user": user}

    @router.get("/organizations/")
    async def organizations(_: Viewer) -> list[Answer]:
        return [_organization("midwatch")]

    @router.get("/organizations/{organization}/")
    async def organization(organization: Organization, _: Viewer) -> Answer:
        return _organization(organization)

    @router.get("/organizations/{organization}/projects/")
    async def all_projects(organization: Organization, _: Viewer) -> list[Answer]:
        return [_project(one) for one in projects()]

    @router.get("/projects/{organization}/{project}/")
    async def one_project(organization: Organization, project: Project, _: Viewer) -> Answer:
        return _project(project_of(project))

    @router.get("/organizations/{organization}/repos/")
    async def repositories(organization: Organization, _: Viewer) -> list[Answer]:
        """None are connected: sentry-cli then reads commits from the checkout and sends them whole."""
        return []

    return router


def sentry_releases_routes(releases: Releases, guard: Guard, now_ns: Callable[[], int]) -> APIRouter:
    router = APIRouter(prefix="/api/0", include_in_schema=False)
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]
    viewer = Depends(guard.requires(Role.VIEWER))
    desk = _Desk(releases, now_ns)

    @router.post(ORGANIZATION + "/releases/")
    async def make_release(organization: Organization, request: Request, response: Response, actor: Editor) -> Answer:
        return await desk.make(request, response, actor, [])

    @router.post("/projects/{organization}/{project}/releases/")
    async def make_release_of(
        organization: Organization, project: Project, request: Request, response: Response, actor: Editor
    ) -> Answer:
        return await desk.make(request, response, actor, [project_of(project)])

    @router.get(ORGANIZATION + "/releases/", dependencies=[viewer])
    async def all_releases(organization: Organization, project: str = "1") -> list[Answer]:
        number = project_of(project)
        return [_release(row, [number]) for row in await releases.newest(number, limit=SHOWN_MAX)]

    @router.get("/projects/{organization}/{project}/releases/", dependencies=[viewer])
    async def all_releases_of(organization: Organization, project: Project) -> list[Answer]:
        number = project_of(project)
        return [_release(row, [number]) for row in await releases.newest(number, limit=SHOWN_MAX)]

    @router.get(_RELEASE, dependencies=[viewer])
    async def release(organization: Organization, version: Version) -> Answer:
        return await desk.shown(*await desk.one(version, await releases.projects_of(version)))

    @router.get(_RELEASE_OF, dependencies=[viewer])
    async def release_of(organization: Organization, project: Project, version: Version) -> Answer:
        return await desk.shown(*await desk.one(version, [project_of(project)]))

    @router.put(_RELEASE)
    async def change_release(organization: Organization, version: Version, request: Request, actor: Editor) -> Answer:
        return await desk.change(request, actor, version, [])

    @router.put(_RELEASE_OF)
    async def change_release_of(
        organization: Organization, project: Project, version: Version, request: Request, actor: Editor
    ) -> Answer:
        return await desk.change(request, actor, version, [project_of(project)])

    @router.delete(_RELEASE, status_code=204, response_class=Response)
    async def remove_release(organization: Organization, version: Version, actor: Editor) -> None:
        projects = await releases.projects_of(version)
        if not projects:
            raise _missing(version)
        for project in projects:
            await releases.remove(actor, project, version)

    @router.delete(_RELEASE_OF, status_code=204, response_class=Response)
    async def remove_release_of(organization: Organization, project: Project, version: Version, actor: Editor) -> None:
        await releases.remove(actor, project_of(project), version)

    @router.get(_RELEASE + "previous-with-commits/", dependencies=[viewer])
    async def previous(organization: Organization, version: Version) -> Answer:
        for project in await releases.projects_of(version):
            found = await releases.previous_with_commits(project, version)
            if found is not None:
                row, commit = found
                return {**_release(row, [project]), "lastCommit": _commit_shown(commit)}
        return {}

    @router.get(_RELEASE + "commits/", dependencies=[viewer])
    async def commits(organization: Organization, version: Version) -> list[Answer]:
        row, _ = await desk.one(version, await releases.projects_of(version))
        return [_commit_shown(commit) for commit in await releases.commits(row.id)]

    @router.post(_RELEASE + "deploys/", status_code=201)
    async def mark_deploy(organization: Organization, version: Version, request: Request, actor: Editor) -> Answer:
        return await desk.add_deploy(request, actor, version, [])

    @router.get(_RELEASE + "deploys/", dependencies=[viewer])
    async def deploys(organization: Organization, version: Version) -> list[Answer]:
        row, _ = await desk.one(version, await releases.projects_of(version))
        return [_deploy(deploy) for deploy in await releases.deploys_of(row.id)]

    return router


class _Desk:
    """What the routes with and without a project in their path have in common."""

    def __init__(self, releases: Releases, now_ns: Callable[[], int]) -> None:
        self._releases, self._now_ns = releases, now_ns

    async def make(self, request: Request, response: Response, actor: Actor, named: list[int]) -> Answer:
        body = await read_json(request, SentRelease)
        if not body.version:
            raise BadRequest("version: expected the release's name")
        wanted = named or projects_of(body.projects or []) or await self._releases.projects_of(body.version)
        if not wanted:
            raise BadRequest("projects: expected at least one project, by its number")
        found = [await self._put(actor, project, body.version, body) for project in wanted]
        response.status_code = 201 if any(new for _, new in found) else 208
        return await self.shown(found[0][0], wanted)

    async def _put(self, actor: Actor, project: int, version: str, body: SentRelease) -> tuple[ReleaseRow, bool]:
        row, new = await self._releases.put(actor, project, version, _change(body, self._now_ns()))
        if body.commits is not None:
            await self._releases.put_commits(
                actor, project, version, [_commit(one, self._now_ns()) for one in body.commits]
            )
        elif body.refs:
            known = await self._releases.commits(row.id)
            refs = [Commit(one.commit, one.repository or "") for one in body.refs]
            if not known:
                await self._releases.put_commits(actor, project, version, refs)
        return row, new

    async def change(self, request: Request, actor: Actor, version: str, named: list[int]) -> Answer:
        body = await read_json(request, SentRelease)
        wanted = named or projects_of(body.projects or []) or await self._releases.projects_of(version)
        rows = [await self._releases.get(project, version) for project in wanted]
        if not any(rows):
            raise _missing(version)
        found = [await self._put(actor, project, version, body) for project in wanted]
        return await self.shown(found[0][0], wanted)

    async def one(self, version: str, projects: list[int]) -> tuple[ReleaseRow, list[int]]:
        rows = [
            (row, project) for project in projects if (row := await self._releases.get(project, version)) is not None
        ]
        if not rows:
            raise _missing(version)
        return rows[0][0], [project for _, project in rows]

    async def shown(self, row: ReleaseRow, projects: list[int]) -> Answer:
        around = (await self._releases.around([row.id]))[row.id]
        return {**_release(row, projects), "commitCount": around.commits, "deployCount": around.deploys}

    async def add_deploy(self, request: Request, actor: Actor, version: str, named: list[int]) -> Answer:
        body = await read_json(request, SentDeploy)
        wanted = named or projects_of(body.projects or []) or await self._releases.projects_of(version)
        if not wanted:
            raise _missing(version)
        deploy = _deploy_of(body, self._now_ns())
        rows = [await self._releases.add_deploy(actor, project, version, deploy) for project in wanted]
        return _deploy(rows[0])


def _change(body: SentRelease, now_ns: int) -> Change:
    return Change(
        url=body.url,
        ref=body.ref,
        created_ms=_ms(body.dateStarted, now_ns, "dateStarted"),
        released_ms=_ms(body.dateReleased, now_ns, "dateReleased"),
        archived=None if body.status is None else body.status == "archived",
    )


def _commit(one: SentCommit, now_ns: int) -> Commit:
    return Commit(
        sha=one.id,
        repository=one.repository or "",
        author=one.author_name or "",
        email=one.author_email or "",
        message=(one.message or "").strip(),
        at_ms=_ms(one.timestamp, now_ns, "timestamp"),
        files=[patch.path for patch in one.patch_set or ()],
    )


def _deploy_of(body: SentDeploy, now_ns: int) -> Deploy:
    finished = _ms(body.dateFinished, now_ns, "dateFinished")
    return Deploy(
        environment=body.environment,
        finished_ms=finished if finished is not None else now_ns // 10**6,
        started_ms=_ms(body.dateStarted, now_ns, "dateStarted"),
        name=body.name or "",
        url=body.url or "",
    )


def _release(row: ReleaseRow, projects: Sequence[int]) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "shortVersion": row.version,
        "status": "archived" if row.archived else "open",
        "url": row.url or None,
        "ref": row.ref or None,
        "dateCreated": _time(row.created_ms),
        "dateReleased": _time(row.released_ms),
        "firstEvent": None,
        "lastEvent": None,
        "newGroups": 0,
        "authors": [],
        "owner": None,
        "data": {},
        "projects": [{"id": one, "slug": str(one), "name": f"Project {one}"} for one in projects],
    }


def _deploy(row: DeployRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "environment": row.environment,
        "name": row.name or None,
        "url": row.url or None,
        "dateStarted": _time(row.started_ms),
        "dateFinished": _time(row.finished_ms),
    }


def _commit_shown(row: ReleaseCommitRow) -> dict[str, Any]:
    repository = {"name": row.repository} if row.repository else None
    return {
        "id": row.sha,
        "message": row.message,
        "dateCreated": _time(row.at_ms),
        "repository": repository,
        "author": {"name": row.author, "email": row.email},
    }


def _organization(slug: str) -> dict[str, Any]:
    """Any slug is this installation: there is one organization."""
    return {
        "id": "1",
        "slug": slug,
        "name": "Midwatch",
        "dateCreated": "1970-01-01T00:00:00Z",
        "isEarlyAdopter": False,
        "require2FA": False,
        "requireEmailVerification": False,
        "features": [],
        "status": {"id": "active", "name": "active"},
    }


def _project(number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "slug": str(number),
        "name": f"Project {number}",
        "team": None,
        "teams": [],
        "platform": None,
        "organization": _organization("midwatch"),
        "status": "active",
    }


def _missing(version: str) -> NotFound:
    return NotFound(f"cannot find release {version[:200]}: make it first, with `sentry-cli releases new`")


def _ms(text: str | None, now_ns: int, name: str) -> int | None:
    return parse_time(text, now_ns=now_ns, name=name) // 10**6 if text else None


def _time(ms: int | None) -> str | None:
    return format_time(ms * 10**6) if ms is not None else None
