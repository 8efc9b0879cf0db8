"""The status page for everybody at `/status`, and its making at `/api/v1/status-page`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import HTMLResponse

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.status_place import OWN
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, MidwatchError, NotFound
from midwatch.server.model.timerange import format_time, parse_time
from midwatch.server.monitors.status_page.desk import StatusDesk
from midwatch.server.monitors.status_page.feeds import atom, rss, summary
from midwatch.server.monitors.status_page.html import page_html
from midwatch.server.monitors.status_page.subscriptions import SubscriptionDesk
from midwatch.server.schemas.status_page import (
    NoticeCreate,
    NoticeSay,
    StatusComponentState,
    StatusDefinition,
    StatusMails,
    StatusNotice,
    StatusPageAnswer,
    StatusSubscriptions,
    StatusUpdate,
)
from midwatch.server.workspace.models import StatusNoticeRow
from midwatch.server.workspace.probes import DAY_MS
from midwatch.server.workspace.status_mails import MailFigures, Told
from midwatch.server.workspace.status_mails import StatusMails as OwedMails
from midwatch.server.workspace.status_page import Said

_CACHE = {"cache-control": "public, max-age=15"}
_KINDS = {
    "incident": ("investigating", "identified", "monitoring", "resolved"),
    "maintenance": ("scheduled", "in_progress", "completed"),
}
LISTED_DAYS = 90
NoticeId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


def status_page_routes(desk: StatusDesk, subscriptions: SubscriptionDesk) -> APIRouter:
    """For everybody. At its own host and path the same, as `http/status_place.py` has it."""
    router = APIRouter(include_in_schema=False)

    @router.api_route(OWN, methods=["GET", "HEAD"])
    @router.api_route(f"{OWN}/", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        try:
            shown = await desk.shown()
        except MidwatchError as error:
            return HTMLResponse(f"<!doctype html><title>Status</title><p>{_said(error)}</p>", error.status)
        html = page_html(shown.view, base_of(desk, request), stale=shown.stale, subscribe=subscriptions.offered)
        return HTMLResponse(html, headers=_CACHE)

    @router.api_route(f"{OWN}/feed.atom", methods=["GET", "HEAD"])
    async def feed_atom(request: Request) -> Response:
        shown = await desk.shown()
        content = atom(shown.view, shown.notices, _address(desk, request))
        return Response(content, media_type="application/atom+xml", headers=_CACHE)

    @router.api_route(f"{OWN}/feed.rss", methods=["GET", "HEAD"])
    async def feed_rss(request: Request) -> Response:
        shown = await desk.shown()
        content = rss(shown.view, shown.notices, _address(desk, request))
        return Response(content, media_type="application/rss+xml", headers=_CACHE)

    @router.api_route(f"{OWN}/summary.json", methods=["GET", "HEAD"])
    async def summary_json(response: Response) -> dict[str, Any]:
        response.headers.update({**_CACHE, "access-control-allow-origin": "*"})
        return summary((await desk.shown()).view)

    @router.api_route(f"{OWN}/{{rest:path}}", methods=["GET", "HEAD"])
    async def elsewhere(rest: str) -> Response:
        raise NotFound(f"cannot find {rest[:100]} on the status page")

    return router


def _said(error: MidwatchError) -> str:
    return "There is no status page here." if error.status == 404 else "The status is not known at the moment."


def base_of(desk: StatusDesk, request: Request) -> str:
    """The page's path as whoever asks has it."""
    if not request.scope.get("status_place"):
        return OWN
    host = request.headers.get("host", "").lower().partition(":")[0]
    return "" if desk.page.host and host == desk.page.host else desk.page.path


def _address(desk: StatusDesk, request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '')}{base_of(desk, request)}"


def status_editing_routes(
    desk: StatusDesk, subscriptions: SubscriptionDesk, mails: OwedMails, guard: Guard, clock: Clock
) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["uptime"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    async def answer() -> StatusPageAnswer:
        page, source = await desk.definition()
        state, components = None, []
        told: Any = {"source": source}
        if source != "none":
            view: Any = (await desk.shown()).view
            state = view.state
            components = [
                StatusComponentState(name=one.name, state=one.state, availability=one.availability)
                for one in view.components
            ]
        since_ms = clock.now_ns() // 10**6 - LISTED_DAYS * DAY_MS
        figures = await mails.figures()
        rows = await desk.ledger.notices(since_ms=since_ms)
        return StatusPageAnswer(
            definition=StatusDefinition.model_validate(page.model_dump(mode="json")),
            state=state,
            components=components,
            notices=[_notice(row, figures.by_notice.get(row.id)) for row in rows],
            subscriptions=_subscriptions(subscriptions, figures),
            **told,
        )

    @router.get("/status-page", dependencies=[viewer])
    async def status_page() -> StatusPageAnswer:
        return await answer()

    @router.put("/status-page")
    async def define_status_page(body: StatusDefinition, actor: Editor) -> StatusPageAnswer:
        await desk.define(actor, body.model_dump())
        return await answer()

    @router.post("/status-page/notices", status_code=201)
    async def begin_notice(body: NoticeCreate, actor: Editor) -> StatusNotice:
        status = body.status or _KINDS[body.kind][0]
        said = _read(body, body.kind, status, clock)
        row = await desk.begin(actor, body.kind, said)
        subscriptions.woken.set()
        return _notice(row)

    @router.post("/status-page/notices/{notice_id}/updates", status_code=201)
    async def say_notice(notice_id: NoticeId, body: NoticeSay, actor: Editor) -> StatusNotice:
        kind = next(kind for kind, known in _KINDS.items() if body.status in known)
        rows = [row for row in await desk.ledger.notices() if row.id == notice_id]
        if rows and rows[0].kind != kind:
            raise BadRequest(f"status={body.status}: expected one of {', '.join(_KINDS[rows[0].kind])}")
        row = await desk.say(actor, notice_id, _read(body, kind, body.status, clock))
        subscriptions.woken.set()
        return _notice(row)

    @router.delete("/status-page/notices/{notice_id}", status_code=204, response_class=Response)
    async def remove_notice(notice_id: NoticeId, actor: Editor) -> None:
        await desk.remove(actor, notice_id)

    return router


def _read(body: NoticeCreate | NoticeSay, kind: str, status: str, clock: Clock) -> Said:
    if status not in _KINDS[kind]:
        raise BadRequest(f"status={status}: expected one of {', '.join(_KINDS[kind])}")
    starts, ends = (
        None if text is None else parse_time(text, now_ns=clock.now_ns()) for text in (body.starts, body.ends)
    )
    return Said(
        body.text,
        status,
        body.title,
        body.impact,
        body.components,
        None if starts is None else starts // 10**6,
        None if ends is None else ends // 10**6,
    )


def _mails(told: Told) -> StatusMails:
    return StatusMails(delivered=told.delivered, waiting=told.waiting, failed=told.failed)


def _subscriptions(desk: SubscriptionDesk, figures: MailFigures) -> StatusSubscriptions:
    since = figures.waiting_since_ms
    return StatusSubscriptions(
        offered=desk.offered,
        mail_server=desk.can_send,
        subscribers=figures.subscribers,
        mails=_mails(figures.all),
        waiting_since=None if since is None else format_time(since * 10**6),
        error=figures.error,
    )


def _notice(row: StatusNoticeRow, mails: Told | None = None) -> StatusNotice:
    told: Any = {"kind": row.kind, "impact": row.impact, "status": row.status}
    updates = [
        StatusUpdate(at=format_time(one["at_ms"] * 10**6), status=one["status"], text=one["text"], by=one["by"])
        for one in row.updates
    ]
    return StatusNotice(
        id=row.id,
        title=row.title,
        components=row.components,
        starts=format_time(row.starts_ms * 10**6),
        ends=None if row.ends_ms is None else format_time(row.ends_ms * 10**6),
        updates=updates,
        mails=None if mails is None else _mails(mails),
        **told,
    )
