"""Mails of the status page: asked for, confirmed and ended by anybody with the link; removed by an admin.

Opening a link changes nothing: mail programs open links by themselves. The button on its page does.
"""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from midwatch.server.http.auth import Guard, address_of
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.form import FORM, read_form
from midwatch.server.http.routes.status_page import base_of
from midwatch.server.http.status_place import OWN
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import CallerError, MidwatchError, UnsupportedMedia, retry_seconds
from midwatch.server.model.timerange import format_time
from midwatch.server.monitors.status_page.desk import StatusDesk
from midwatch.server.monitors.status_page.html import button_html, words_html
from midwatch.server.monitors.status_page.subscriptions import SubscriptionDesk
from midwatch.server.schemas.status_page import StatusSubscriber, StatusSubscriberList

_MULTIPART = "multipart/form-data"
"""What RFC 8058 lets a mail program post, besides a form."""
Id = Annotated[str, Query(alias="id", max_length=32)]
Signature = Annotated[str, Query(alias="s", max_length=128)]


def status_subscription_routes(desk: SubscriptionDesk, status: StatusDesk) -> APIRouter:
    """For everybody, below the status page."""
    router = APIRouter(include_in_schema=False)

    def answer(request: Request, title: str, words: str, status_code: int = 200, *, button: str = "") -> HTMLResponse:
        body = f"<p>{escape(words)}</p>" + (button_html(button) if button else "")
        html = words_html(title, body, base_of(status, request))
        return HTMLResponse(html, status_code, {"cache-control": "no-store", "referrer-policy": "no-referrer"})

    def refusal(request: Request, title: str, error: MidwatchError) -> HTMLResponse:
        known = isinstance(error, CallerError)
        words = error.message if known else "This does not work at the moment: try again in some minutes."
        page = answer(request, title, words[:1].upper() + words[1:] + ("." if known else ""), error.status)
        if (seconds := retry_seconds(error)) is not None:
            page.headers["retry-after"] = str(seconds)
        return page

    @router.post(f"{OWN}/subscribe")
    async def subscribe(request: Request) -> Response:
        try:
            _require(request, FORM)
            form = await read_form(request)
            address = next((value for name, value in form if name == "email"), "")
            await desk.ask(address, [value for name, value in form if name == "component"], address_of(request))
        except MidwatchError as error:
            return refusal(request, "Not subscribed", error)
        words = "A mail is on its way to the address you gave. Open its link within 24 hours, and you are subscribed."
        return answer(request, "Look into your mailbox", words)

    @router.api_route(f"{OWN}/confirm", methods=["GET", "HEAD"])
    async def confirm_page(id: Id, signature: Signature, request: Request) -> Response:
        try:
            asked = await desk.asked(id, signature)
        except MidwatchError as error:
            return refusal(request, "This link does not work", error)
        if asked.confirmed:
            return answer(request, "You are subscribed", "You have confirmed it already.")
        about = f"news of {', '.join(asked.components)}" if asked.components else "all news"
        return answer(request, "Confirm the subscription", f"You get {about} by mail.", button="Confirm")

    @router.post(f"{OWN}/confirm")
    async def confirm(id: Id, signature: Signature, request: Request) -> Response:
        try:
            await desk.confirm(id, signature)
        except MidwatchError as error:
            return refusal(request, "This link does not work", error)
        return answer(request, "You are subscribed", "Each mail has a link that ends it.")

    @router.api_route(f"{OWN}/unsubscribe", methods=["GET", "HEAD"])
    async def unsubscribe_page(id: Id, signature: Signature, request: Request) -> Response:
        try:
            desk.unsubscribing(id, signature)
        except MidwatchError as error:
            return refusal(request, "This link does not work", error)
        words = "You get no more mails of this page, and your address is forgotten."
        return answer(request, "End the subscription", words, button="Unsubscribe")

    @router.post(f"{OWN}/unsubscribe")
    async def unsubscribe(id: Id, signature: Signature, request: Request) -> Response:
        """From the page's button, or from a mail program by one click (RFC 8058)."""
        try:
            _require(request, FORM, _MULTIPART)
            await request.body()
            await desk.unsubscribe(id, signature)
        except MidwatchError as error:
            return refusal(request, "This link does not work", error)
        return answer(request, "You are not subscribed", "You get no more mails, and your address is forgotten.")

    return router


def status_subscriber_routes(desk: SubscriptionDesk, guard: Guard) -> APIRouter:
    """For admins alone: addresses of people who are no users."""
    router = APIRouter(prefix="/api/v1", tags=["uptime"], responses=PROBLEM_RESPONSES)
    reader = Depends(guard.requires(Role.ADMIN))
    Admin = Annotated[Actor, Depends(guard.requires(Role.ADMIN, scope=Scope.ADMIN))]

    @router.get("/status-page/subscribers", dependencies=[reader])
    async def status_subscribers(containing: Annotated[str, Query(max_length=254)] = "") -> StatusSubscriberList:
        rows, count = await desk.ledger.listed(containing=containing)
        subscribers = [
            StatusSubscriber(
                id=row.id,
                address=row.address,
                components=row.components,
                since=format_time(row.since_ms * 10**6),
            )
            for row in rows
        ]
        return StatusSubscriberList(subscribers=subscribers, count=count)

    @router.delete("/status-page/subscribers/{subscriber_id}", status_code=204, response_class=Response)
    async def remove_status_subscriber(
        subscriber_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")], actor: Admin
    ) -> None:
        await desk.ledger.remove(actor, subscriber_id)

    return router


def _require(request: Request, *kinds: str) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise UnsupportedMedia(f"content-type: expected {' or '.join(kinds)}")
