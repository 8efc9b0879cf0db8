"""`/api/v1/issues…`, `/errors…`: what is wrong, how it stands, and what people do about it."""

import asyncio
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from midwatch.server.http import issues_shown as shown
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Cursor, Project, Scopes, names_of
from midwatch.server.issues.desk import IssueDesk
from midwatch.server.issues.preview import preview
from midwatch.server.issues.rules import ErrorRules
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.query.issues.events import EVENTS_MAX, StoredEvent
from midwatch.server.query.issues.lists import Sort
from midwatch.server.query.issues.reading import IssueReading
from midwatch.server.query.issues.volume import Narrowed
from midwatch.server.query.source import Scope as QueryScope
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.issues import (
    Attachment,
    Dropped,
    ErrorsOverTime,
    EventDetail,
    EventPage,
    GroupingPreview,
    IssueChange,
    IssueComment,
    IssueDetail,
    IssueLink,
    IssueList,
    IssueMerge,
    IssuePage,
    IssueSplit,
    IssueSummary,
    NewIssueLink,
    Status,
    Substatus,
    SuspectCommit,
    Tag,
    TagList,
    TagValue,
    TrackerList,
    Trend,
    TrendPoint,
)
from midwatch.server.workspace.issues import Change, Wanted

LIMIT_MAX = 200
OFFSET_MAX = 20_000
PREVIEW_GROUPS_MAX = 2000
SIMILAR_MAX = 10
TAGS_ASKED_MAX = 10
TAG_CHARACTERS_MAX = 3000
Id = Annotated[int, Path(ge=1, le=2**53)]
Names = Annotated[str, Query(max_length=2000, description="comma-separated")]
Text = Annotated[str, Query(max_length=200)]
Which = Annotated[
    str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$", description="an event's id, or recommended, latest, oldest")
]


def issues_routes(reading: IssueReading[ErrorRules], desk: IssueDesk, guard: Guard, scopes: Scopes) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["issues"], responses=PROBLEM_RESPONSES)
    _lists(router, reading, desk, guard, scopes)
    _one(router, reading, guard, scopes)
    _acts(router, desk, guard)
    return router


def _lists(router: APIRouter, reading: IssueReading[ErrorRules], desk: IssueDesk, guard: Guard, scopes: Scopes) -> None:
    Viewer = Annotated[Actor, Depends(guard.requires(Role.VIEWER))]
    Asked = Annotated[QueryScope, scopes.asked]

    @router.get("/issues")
    async def list_issues(
        _actor: Viewer,
        scope: Asked,
        status: Status | Literal["all"] = "unresolved",
        substatus: Substatus | None = None,
        query: Annotated[str, Query(max_length=500, description="words of title, message, place or service")] = "",
        severity: Names = "",
        category: Names = "",
        priority: Names = "",
        platform: Names = "",
        service: Names = "",
        release: Names = "",
        first_release: Text = "",
        assignee: Annotated[str | None, Query(max_length=254, description="`none`: nobody's")] = None,
        *,
        handled: bool | None = None,
        sort: Sort = "last_seen",
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
        offset: Annotated[int, Query(ge=0, le=OFFSET_MAX)] = 0,
    ) -> IssuePage:
        """Issues with events in the range of time."""
        began = time.monotonic()
        wanted = Wanted(
            scope.project,
            status="" if status == "all" else status,
            substatus=substatus or "",
            query=query,
            severities=names_of(severity),
            categories=names_of(category),
            priorities=names_of(priority),
            platforms=names_of(platform),
            assignee="" if assignee == "none" else assignee,
            handled=handled,
            first_release=first_release,
        )
        narrowed = Narrowed(names_of(service), names_of(release))
        found = await reading.lists.page(scope, wanted, narrowed, sort=sort, offset=offset, limit=limit)
        return IssuePage(
            issues=[shown.summary(one.issue, one.seen, one.trend) for one in found.issues],
            total=found.total,
            counts=await reading.issues.counts(scope.project),
            partial=found.partial,
            stats=QueryStats(elapsed_ms=(time.monotonic() - began) * 1000),
        )

    @router.get("/errors/over-time")
    async def errors_over_time(
        _actor: Viewer,
        scope: Asked,
        by: Literal["type", "category", "severity", "service", "environment", "release", "handled"] = "type",
    ) -> ErrorsOverTime:
        """Errors counted by what they have in common; the rarest are `other`."""
        width, found = await reading.volume.over_time(scope, by)
        first = scope.span.start_ns // 10**9 // width * width
        steps = max(1, -(-(scope.span.end_ns // 10**9 - first) // width))
        series = {
            value: [points.get(first + step * width, 0.0) for step in range(steps)] for value, points in found.items()
        }
        return ErrorsOverTime(step_seconds=width, start=format_time(first * 10**9), series=series)

    @router.get("/errors/dropped")
    async def dropped_errors(_actor: Viewer, scope: Asked) -> Dropped:
        """What inbound filters, sampling and limits kept out, by reason."""
        return Dropped(reasons=await reading.volume.dropped(scope))

    @router.get("/errors/trackers")
    async def trackers(_actor: Viewer) -> TrackerList:
        """Where an issue can be made: those of the plan."""
        return TrackerList(trackers=desk.trackers)

    @router.get("/errors/events/{event_id}")
    async def find_event(_actor: Viewer, event_id: Which, project: Project = 1) -> EventDetail:
        """An event by its id, whenever it was."""
        return await _event_detail(reading, project, await reading.find(project, event_id))

    @router.get("/errors/trace/{trace_id}")
    async def errors_of_trace(
        _actor: Viewer, scope: Asked, trace_id: Annotated[str, Path(pattern=r"^[0-9a-fA-F]{32}$")]
    ) -> EventPage:
        began = time.monotonic()
        found = await reading.events.of_trace(scope, trace_id.lower())
        stats = QueryStats(elapsed_ms=(time.monotonic() - began) * 1000)
        return EventPage(events=[shown.facts(row) for row in found], stats=stats)

    @router.get("/errors/grouping")
    async def preview_grouping(
        _actor: Annotated[Actor, Depends(guard.requires(Role.ENGINEER))],
        scope: Asked,
        grouping: Annotated[int, Query(ge=1, le=2)] = 2,
    ) -> GroupingPreview:
        """What another version of grouping would make of the newest event of each group, by the rules in force."""
        events = await reading.events.recent_payloads(scope, limit=PREVIEW_GROUPS_MAX)
        issues = await reading.issues.of_groups(scope.project, [group for group, _ in events])
        named = {group: (row.id, row.title) for group, row in issues.items()}
        found = await asyncio.to_thread(preview, events, reading.rules(grouping), named)
        return GroupingPreview(
            grouping=grouping,
            groups=found.groups,
            groups_after=found.after,
            moved=found.moved,
            merged_issues=found.merged_issues,
            merges=[{"issues": list(one.issues), "titles": list(one.titles)} for one in found.merges],
        )


def _one(router: APIRouter, reading: IssueReading[ErrorRules], guard: Guard, scopes: Scopes) -> None:
    Viewer = Annotated[Actor, Depends(guard.requires(Role.VIEWER))]
    Asked = Annotated[QueryScope, scopes.asked]

    @router.get("/issues/{issue_id:int}")
    async def issue(_actor: Viewer, scope: Asked, issue_id: Id) -> IssueDetail:
        """How it stands; events, users and trend are those of the range of time."""
        row = await reading.issues.get(issue_id)
        seen, trend = await reading.seen(scope, row)
        return IssueDetail(
            issue=shown.summary(row, seen, trend),
            resolved_in=row.resolved_in,
            ignored_until=row.ignored_until,
            groups=[shown.group(one) for one in await reading.issues.groups(row.id)],
            activity=[shown.activity(one) for one in await reading.issues.activity(row.id)],
            links=[shown.link(one) for one in await reading.issues.links(row.id)],
            suspects=[
                SuspectCommit(
                    release=one.release, sha=one.sha, author=one.author, message=one.message, files=list(one.files)
                )
                for one in await reading.suspects(row)
            ],
            merged_from=issue_id if row.id != issue_id else None,
        )

    @router.get("/issues/{issue_id:int}/trend")
    async def issue_trend(_actor: Viewer, scope: Asked, issue_id: Id) -> Trend:
        width, points = await reading.volume.trend(scope, await reading.hashes(issue_id))
        return Trend(
            step_seconds=int(width),
            points=[
                TrendPoint(time=format_time(at * 10**9), events=events, users=users) for at, events, users in points
            ],
        )

    @router.get("/issues/{issue_id:int}/tags")
    async def issue_tags(_actor: Viewer, scope: Asked, issue_id: Id) -> TagList:
        found = await reading.events.tags(scope, await reading.hashes(issue_id))
        return TagList(
            tags=[
                Tag(
                    name=one.name,
                    total=one.total,
                    distinct=one.distinct,
                    values=[TagValue(value=value, events=events) for value, events in one.values],
                )
                for one in found
            ]
        )

    @router.get("/issues/{issue_id:int}/similar")
    async def similar_issues(_actor: Viewer, issue_id: Id) -> IssueList:
        """Of the same type or place."""
        row = await reading.issues.get(issue_id)
        found = await reading.issues.similar(row, limit=SIMILAR_MAX)
        return IssueList(issues=[shown.summary(one) for one in found])

    @router.get("/issues/{issue_id:int}/events")
    async def issue_events(
        _actor: Viewer,
        scope: Asked,
        issue_id: Id,
        limit: Annotated[int, Query(ge=1, le=EVENTS_MAX)] = 50,
        cursor: Cursor = None,
        tag: Annotated[
            list[str] | None, Query(max_length=TAGS_ASKED_MAX, description="`name:value`, as tags say")
        ] = None,
        *,
        duplicates: bool = False,
    ) -> EventPage:
        """The newest first."""
        began = time.monotonic()
        if cursor is not None and not (cursor.isascii() and cursor.lstrip("-").isdigit() and len(cursor) < 20):
            raise BadRequest(f"cursor={cursor[:40]!r}: expected a cursor as the page before gave it")
        found = await reading.events.page(
            scope,
            await reading.hashes(issue_id),
            before_ns=None if cursor is None else int(cursor),
            limit=limit,
            tags=[_tag(one) for one in tag or ()],
            duplicates=duplicates,
        )
        more = str(found[-1]["time_ns"]) if len(found) == limit else None
        stats = QueryStats(elapsed_ms=(time.monotonic() - began) * 1000)
        return EventPage(events=[shown.facts(row) for row in found], next_cursor=more, stats=stats)

    @router.get("/issues/{issue_id:int}/events/{which}")
    async def issue_event(_actor: Viewer, scope: Asked, issue_id: Id, which: Which) -> EventDetail:
        row = await reading.issues.get(issue_id)
        found = await reading.event(scope, row, which)
        return await _event_detail(reading, row.project, found)

    @router.get("/errors/attachments/{event_id}/{place}", response_class=Response)
    async def attachment(
        _actor: Viewer,
        event_id: Which,
        place: Annotated[int, Path(ge=0, le=999)],
        project: Project = 1,
    ) -> Response:
        """A file that came with an event; always as a download."""
        found = await reading.attachment(project, event_id, place)
        if found is None:
            raise NotFound(f"cannot find attachment {place} of event {event_id}")
        headers = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
        return Response(found, media_type="application/octet-stream", headers=headers)


def _acts(router: APIRouter, desk: IssueDesk, guard: Guard) -> None:
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    @router.post("/issues/changes")
    async def change_issues(actor: Editor, wanted: IssueChange) -> IssueList:
        """Resolve, ignore, open again, assign, set priorities: of one issue or of many."""
        until = wanted.ignore_until
        if until is not None and wanted.status != "ignored":
            raise BadRequest("ignore_until: expected together with status=ignored")
        if wanted.resolved_in and wanted.status != "resolved":
            raise BadRequest("resolved_in: expected together with status=resolved")
        change = Change(
            status=wanted.status,
            resolved_in=wanted.resolved_in,
            ignored_until=desk.until(until.seconds, until.count, until.users) if until else {},
            assignee=wanted.assignee,
            priority=wanted.priority,
        )
        rows = await desk.change(actor, wanted.ids, change)
        return IssueList(issues=[shown.summary(row) for row in rows])

    @router.post("/issues/merges")
    async def merge_issues(actor: Editor, wanted: IssueMerge) -> IssueSummary:
        """Their events are one issue's from now on."""
        return shown.summary(await desk.issues.merge(actor, wanted.into, wanted.ids))

    @router.post("/issues/{issue_id:int}/splits")
    async def split_issue(actor: Editor, issue_id: Id, wanted: IssueSplit) -> IssueSummary:
        """These groups become an issue of their own."""
        return shown.summary(await desk.issues.split(actor, issue_id, wanted.groups))

    @router.post("/issues/{issue_id:int}/comments", status_code=204)
    async def comment_issue(actor: Editor, issue_id: Id, wanted: IssueComment) -> None:
        await desk.issues.comment(actor, issue_id, wanted.text)

    @router.post("/issues/{issue_id:int}/links", status_code=201)
    async def link_issue(actor: Editor, issue_id: Id, wanted: NewIssueLink) -> IssueLink:
        """Note an address of a tracker, or have the tracker make an issue where no address is given."""
        return shown.link(await desk.link(actor, issue_id, wanted.tracker, wanted.url, wanted.title))

    @router.delete("/issues/{issue_id:int}/links/{link_id}", status_code=204)
    async def unlink_issue(actor: Editor, issue_id: Id, link_id: Id) -> None:
        await desk.issues.unlink(actor, issue_id, link_id)


def _tag(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not (name and colon) or len(text) > TAG_CHARACTERS_MAX:
        raise BadRequest(f"tag={text[:40]!r}: expected `name:value`, such as `browser:Firefox 128`")
    return name, value


async def _event_detail(reading: IssueReading[ErrorRules], project: int, found: StoredEvent | None) -> EventDetail:
    if found is None:
        raise NotFound("cannot find the event: it is older than what is kept, or of another issue or range of time")
    issues = await reading.issues.of_groups(project, [found.facts["GroupHash"]])
    row = issues.get(found.facts["GroupHash"])
    event = await reading.resolved(project, found.payload) if found.payload is not None else None
    return EventDetail(
        facts=shown.facts(found.facts),
        issue_id=row.id if row else None,
        event=event,
        earlier=found.earlier,
        later=found.later,
        attachments=[
            Attachment(name=one.name, content_type=one.content_type, size_bytes=one.size_bytes, place=one.place)
            for one in await reading.attachments(project, found.facts["EventId"])
        ],
    )
