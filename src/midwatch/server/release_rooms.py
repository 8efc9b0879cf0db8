"""Releases and source maps, put together."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter

from midwatch.server.http.auth import Guard
from midwatch.server.http.routes.releases import releases_routes
from midwatch.server.http.routes.sentry_releases import sentry_info_routes, sentry_releases_routes
from midwatch.server.http.routes.sentry_uploads import sentry_uploads_routes
from midwatch.server.http.scope_params import Scopes
from midwatch.server.issues.source_maps.shelf import Shelf
from midwatch.server.issues.source_maps.store import ArtifactStore
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock
from midwatch.server.query.release_health import ReleaseHealthQueries
from midwatch.server.query.release_issues import ReleaseIssues
from midwatch.server.query.releases import ReleaseQueries
from midwatch.server.query.source import Source
from midwatch.server.workspace.artifacts import ArtifactLedger
from midwatch.server.workspace.issues import Issues
from midwatch.server.workspace.releases import Releases
from midwatch.server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ReleaseRooms:
    releases: Releases
    artifacts: ArtifactStore


def open_release_rooms(workspace: Workspace, blobs: Blobs, data: Path, clock: Clock) -> ReleaseRooms:
    shelf = Shelf(blobs, data / "source-maps")
    shelf.open()
    artifacts = ArtifactStore(ArtifactLedger(workspace.database, clock), blobs, shelf, clock)
    return ReleaseRooms(Releases(workspace.database, clock), artifacts)


def release_routers(
    rooms: ReleaseRooms,
    workspace: Workspace,
    source: Source,
    guard: Guard,
    scopes: Scopes,
    clock: Clock,
    issues: Issues,
) -> list[APIRouter]:
    releases, artifacts = rooms.releases, rooms.artifacts
    health = ReleaseHealthQueries(source)
    queries = ReleaseQueries(releases, artifacts.ledger, health, ReleaseIssues(source, issues))
    return [
        releases_routes(queries, releases, workspace.keys, guard, scopes, clock),
        sentry_info_routes(workspace.keys.projects, guard),
        sentry_releases_routes(releases, guard, clock.now_ns),
        sentry_uploads_routes(artifacts, releases, guard),
    ]
