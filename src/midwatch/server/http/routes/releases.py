"""`/api/v1/releases` and `/api/v1/deploys`: what runs where since when, and how it does."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi import Response as HttpResponse

from midwatch.server.http.auth import Guard, address_of
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Project, Scopes
from midwatch.server.ingest.admission import KeyRing, key_in
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.actor import Scope as TokenScope
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, Forbidden, Unauthorized
from midwatch.server.model.timerange import parse_time
from midwatch.server.query.releases import ReleaseQueries, deploy_shown
from midwatch.server.query.source import Scope
from midwatch.server.schemas.releases import (
    CommitCreate,
    DeployCreate,
    DeployList,
    DeployShown,
    ReleaseCreate,
    ReleaseDetail,
    ReleaseList,
)
from midwatch.server.workspace.releases import DEPLOYS_MAX, Change, Commit, Deploy, Releases

Version = Annotated[str, Path(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Service = Annotated[str, Query(max_length=200, description="only its deploys, and those of all services")]
Marker = tuple[Actor, int | None, str]
"""Who marks; where it is an ingest key: its project, and the environment that it is for."""
_BY_KEY = frozenset({TokenScope.WRITE})


def releases_routes(
    queries: ReleaseQueries, releases: Releases, keys: KeyRing, guard: Guard, scopes: Scopes, clock: Clock
) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["releases"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=TokenScope.WRITE))]

    async def marker(request: Request) -> Marker:
        """A token of an editor, or an ingest key of servers: a CI has one at hand, and a mark is something sent."""
        try:
            grant = keys.find(key_in(request.headers, {}))
        except Unauthorized:
            grant = None
        if grant is None:
            actor = await guard.requires(Role.EDITOR, scope=TokenScope.WRITE)(request)
            return actor, None, ""
        if grant.origins:
            raise Forbidden(
                f"{grant.key_name} is a key for browsers, which everybody can read: mark deploys with another"
            )
        name = f"key {grant.key_name}"
        actor = Actor("key", grant.key_id, name, Role.EDITOR, _BY_KEY, address=address_of(request))
        return actor, grant.project, grant.environment or ""

    @router.get("/releases", dependencies=[viewer])
    async def list_releases(scope: Annotated[Scope, scopes.asked]) -> ReleaseList:
        return await queries.all(scope)

    @router.post("/releases", status_code=204, response_class=HttpResponse)
    async def put_release(body: ReleaseCreate, actor: Editor, project: Project = 1) -> None:
        """Make a release, or change what is known of it."""
        change = Change(
            url=body.url or None, ref=body.ref or None, released_ms=_ms(body.released, clock.now_ns(), "released")
        )
        commits = [_commit(one, clock.now_ns()) for one in body.commits] if body.commits is not None else None
        await releases.put(actor, project, body.version, change)
        if commits is not None:
            await releases.put_commits(actor, project, body.version, commits)

    @router.get("/releases/{version}", dependencies=[viewer])
    async def release(version: Version, scope: Annotated[Scope, scopes.asked]) -> ReleaseDetail:
        return await queries.detail(scope, version)

    @router.get("/deploys", dependencies=[viewer])
    async def list_deploys(scope: Annotated[Scope, scopes.asked], service: Service = "") -> DeployList:
        start_ms, end_ms = scope.span.start_ns // 10**6, scope.span.end_ns // 10**6
        found = await releases.deploys_between(
            scope.project, start_ms, end_ms, environments=scope.environments, service=service
        )
        shown = [deploy_shown(row, version) for row, version in found]
        return DeployList(deploys=shown, truncated=len(shown) == DEPLOYS_MAX)

    @router.post("/deploys", status_code=201)
    async def mark_deploy(
        body: DeployCreate, marked: Annotated[Marker, Depends(marker)], project: Project = 1
    ) -> DeployShown:
        """Mark that a release was deployed. The release is made where there is none."""
        actor, of_key, environment = marked
        now_ns = clock.now_ns()
        started, finished = _ms(body.started, now_ns, "started"), _ms(body.finished, now_ns, "finished")
        deploy = Deploy(
            environment=environment or body.environment,
            finished_ms=finished if finished is not None else now_ns // 10**6,
            started_ms=started,
            service=body.service,
            name=body.name,
            url=body.url,
        )
        if started is not None and started > deploy.finished_ms:
            raise BadRequest(f"started={body.started}: expected a time before it is finished, {body.finished or 'now'}")
        row = await releases.add_deploy(actor, of_key or project, body.version, deploy)
        return deploy_shown(row, body.version)

    return router


def _commit(one: CommitCreate, now_ns: int) -> Commit:
    return Commit(
        sha=one.sha,
        repository=one.repository,
        author=one.author,
        email=one.email,
        message=one.message,
        at_ms=_ms(one.time, now_ns, "time"),
        files=one.files,
    )


def _ms(text: str | None, now_ns: int, name: str) -> int | None:
    return parse_time(text, now_ns=now_ns, name=name) // 10**6 if text else None
