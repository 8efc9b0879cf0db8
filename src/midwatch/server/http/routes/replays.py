"""`/api/v1/replays`: recordings of visits, found, watched and deleted."""

import asyncio
import gzip
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Cursor, Project, Scopes
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import StoreError
from midwatch.server.model.timerange import format_time
from midwatch.server.query.replay_errors import ReplayErrors, SeenError
from midwatch.server.query.source import Scope as QueryScope
from midwatch.server.replays.desk import ReplayDesk
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.replays import (
    ReplayDetail,
    ReplayError,
    ReplayPage,
    ReplaysDeleted,
    ReplaySegment,
    ReplaySummary,
    ReplayTrace,
    ReplayUsage,
)
from midwatch.server.workspace.models.replays import ReplaySegmentRow
from midwatch.server.workspace.replays import Told, Wanted, Whole

LIMIT_MAX = 200
Id = Annotated[str, Path(pattern=r"^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$")]
Segment = Annotated[int, Path(ge=0, le=9_999)]
Text = Annotated[str, Query(max_length=500)]
EventId = Annotated[str, Query(pattern=r"^(?:[0-9a-fA-F]{32})?$", description="32 hex digits")]
Seconds = Annotated[float | None, Query(ge=0, le=1e6, allow_inf_nan=False)]
User = Annotated[str, Query(min_length=1, max_length=500, description="id, address, name or IP address, as sent")]


def replays_routes(desk: ReplayDesk, errors: ReplayErrors, guard: Guard, scopes: Scopes) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["replays"], responses=PROBLEM_RESPONSES)
    Viewer = Annotated[Actor, Depends(guard.requires(Role.VIEWER))]
    Engineer = Annotated[Actor, Depends(guard.requires(Role.ENGINEER, scope=Scope.WRITE))]

    @router.get("/replays")
    async def search_replays(
        _actor: Viewer,
        scope: Annotated[QueryScope, scopes.asked],
        user: Text = "",
        url: Text = "",
        release: Text = "",
        error: EventId = "",
        trace: EventId = "",
        *,
        with_errors: bool = False,
        with_rage: bool = False,
        min_seconds: Seconds = None,
        max_seconds: Seconds = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
        cursor: Cursor = None,
    ) -> ReplayPage:
        """Those that were going on in the range of time, newest first; `url` is a part of an address."""
        began = time.monotonic()
        wanted = Wanted(
            scope.project,
            scope.span.start_ns // 10**6,
            scope.span.end_ns // 10**6,
            scope.environments,
            release=release,
            user=user,
            url=url,
            error=error.lower(),
            trace=trace.lower(),
            with_errors=with_errors,
            with_rage=with_rage,
            seconds_min=min_seconds,
            seconds_max=max_seconds,
        )
        rows, following = await desk.page(wanted, limit=limit, cursor=cursor)
        stats = QueryStats(elapsed_ms=(time.monotonic() - began) * 1000)
        return ReplayPage(replays=[_summary(row) for row in rows], next_cursor=following, stats=stats)

    @router.delete("/replays")
    async def delete_replays(actor: Engineer, user: User, project: Project = 1) -> ReplaysDeleted:
        """All replays in which this user was at any time, with their recordings."""
        return ReplaysDeleted(deleted=await desk.delete_of_user(actor, project, user))

    @router.get("/replay-usage")
    async def replay_usage(_actor: Viewer, project: Project = 1) -> ReplayUsage:
        usage = await desk.usage(project)
        return ReplayUsage(
            replays=usage.replays,
            bytes=usage.bytes,
            bytes_max=desk.bytes_max,
            retention_days=desk.retention_days,
            oldest=None if usage.oldest_ms is None else _time(usage.oldest_ms),
        )

    @router.get("/replays/{replay_id}")
    async def replay(replay_id: Id, _actor: Viewer, project: Project = 1) -> ReplayDetail:
        found = await desk.get(project, _plain(replay_id))
        row = found.row
        try:
            bounds = {"start_ns": row.started_ms * 10**6, "end_ns": row.finished_ms * 10**6}
            seen = await errors.of(project, row.id, found.keys["error"], **bounds)
        except StoreError:
            seen = []  # what the workspace knows is shown while the store does not answer
        return _detail(found, seen)

    @router.delete("/replays/{replay_id}", status_code=204, response_class=Response)
    async def delete_replay(replay_id: Id, actor: Engineer, project: Project = 1) -> None:
        await desk.delete(actor, project, _plain(replay_id))

    @router.post("/replays/{replay_id}/watch", status_code=204, response_class=Response)
    async def watch_replay(replay_id: Id, actor: Viewer, project: Project = 1) -> None:
        """Notes in the audit log who watches it, before the recording is read."""
        await desk.watch(actor, project, _plain(replay_id))

    @router.get("/replays/{replay_id}/segments/{segment}", response_class=Response)
    async def replay_segment(
        replay_id: Id, segment: Segment, request: Request, _actor: Viewer, project: Project = 1
    ) -> Response:
        """A JSON array of rrweb's events."""
        content = await desk.segment(project, _plain(replay_id), segment)
        headers = {"vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
        else:
            content = await asyncio.to_thread(gzip.decompress, content)
        return Response(content, media_type="application/json", headers=headers)

    return router


def _plain(replay_id: str) -> str:
    return replay_id.replace("-", "").lower()


def _time(ms: int) -> str:
    return format_time(ms * 10**6)


def _summary(told: Told) -> ReplaySummary:
    row = told.row
    return ReplaySummary(
        id=row.id,
        started=_time(row.started_ms),
        finished=_time(row.finished_ms),
        duration_ms=row.finished_ms - row.started_ms,
        user=row.user_label,
        urls=list(told.keys["url"]),
        release=row.release,
        environment=row.environment,
        browser=row.browser,
        os=row.os,
        device=row.device,
        errors=row.errors,
        clicks=row.clicks,
        dead_clicks=row.dead_clicks,
        rage_clicks=row.rage_clicks,
        is_buffer=row.is_buffer,
        seen=row.seen_ms is not None,
    )


def _detail(found: Whole, seen: list[SeenError]) -> ReplayDetail:
    row = found.row
    segments = {one.segment: one for one in found.segments}
    return ReplayDetail(
        summary=_summary(found),
        users=list(found.keys["user"]),
        sdk=row.sdk,
        bytes=row.bytes,
        unpacked_bytes=row.unpacked_bytes,
        events=row.events,
        cut=row.cut,
        missing_segments=max(segments, default=-1) + 1 - len(segments),
        segments=[_segment(one) for one in found.segments],
        errors=_errors(found, seen, segments),
        traces=[
            ReplayTrace(trace_id=trace, at=_time(_at(segments, found.key_segments["trace", trace], end=False)))
            for trace in found.keys["trace"]
        ],
    )


def _errors(found: Whole, seen: list[SeenError], segments: dict[int, ReplaySegmentRow]) -> list[ReplayError]:
    stored = {one.event_id: one for one in seen}
    errors = [
        ReplayError(event_id=one.event_id, at=format_time(one.at_ns), is_stored=True, title=one.title, group=one.group)
        for one in seen
    ]
    for event_id in found.keys["error"]:
        if event_id not in stored:
            at = _time(_at(segments, found.key_segments["error", event_id], end=True))
            errors.append(ReplayError(event_id=event_id, at=at, is_stored=False, title="", group=""))
    return sorted(errors, key=lambda one: one.at)


def _at(segments: dict[int, ReplaySegmentRow], segment: int, *, end: bool) -> int:
    """The key's segment is there: it was noted with it."""
    row = segments[segment]
    return row.last_ms if end else row.first_ms


def _segment(row: ReplaySegmentRow) -> ReplaySegment:
    start, end = _time(row.first_ms), _time(row.last_ms)
    return ReplaySegment(segment=row.segment, start=start, end=end, bytes=row.bytes, events=row.events)
