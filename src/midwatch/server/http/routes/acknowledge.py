"""`/ack`: what a signed link of a message opens; and the door at which Slack tells of its buttons.

Opening the link changes nothing: mail programs open links by themselves. The button on the page does.
"""

from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from midwatch.server.http.auth import address_of
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.form import FORM, read_form
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import CallerError, NotFound
from midwatch.server.model.notification import Notification
from midwatch.server.notify.channels.slack.interaction import pressed, verify
from midwatch.server.notify.channels.slack.message import SILENCE, SILENCE_HOURS
from midwatch.server.notify.desk import NotifyDesk
from midwatch.server.workspace.outbox import notification_of

WHO_CHARACTERS_MAX, COMMENT_CHARACTERS_MAX = 100, 1000
ALERTS_SHOWN = 20
_HTML: dict[str, Any] = {
    "content": {"text/html": {"schema": {"type": "string"}}},
    "description": "A page for a person.",
}
_ANSWERS: dict[int | str, dict[str, Any]] = {200: _HTML, 403: _HTML, 404: _HTML}
_FORM_BODY = {"requestBody": {"required": True, "content": {FORM: {"schema": {"type": "object"}}}}}
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 36em; margin: 0 auto; padding: 2em 1.2em; }
h1 { font-size: 1.3em; } ul { padding-left: 1.2em; } li { margin: .3em 0; }
label { display: block; margin: 1em 0 .3em; }
input, button { font: inherit; border-radius: 4px; }
input { width: 100%; box-sizing: border-box; padding: .5em; border: 1px solid #8888; }
button { margin-top: 1.2em; padding: .6em 1.2em; border: 0; background: #1a56b0; color: #fff; }
small { opacity: .75; }
"""


def acknowledge_routes(desk: NotifyDesk, clock: Clock) -> APIRouter:
    router = APIRouter(tags=["notifications"], responses=PROBLEM_RESPONSES)
    Id = Annotated[str, Query(alias="n", max_length=36)]
    Signature = Annotated[str, Query(alias="s", max_length=128)]

    @router.get("/ack", response_class=HTMLResponse, responses=_ANSWERS)
    async def acknowledge_page(id: Id, signature: Signature) -> HTMLResponse:
        """What a message told of, and a button that acknowledges it."""
        try:
            _, notification = await desk.linked(id, signature)
        except CallerError as error:
            return _page("This link does not work", f"<p>{escape(error.message)}</p>", error.status)
        return _page(_title(notification), _alerts(notification) + _FORM)

    @router.post("/ack", response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=_FORM_BODY)
    async def acknowledge(id: Id, signature: Signature, request: Request) -> HTMLResponse:
        """Whoever has the link may say that somebody is at it; the form has `who` and `comment`."""
        form = dict(await read_form(request))
        who = form.get("who", "").strip()[:WHO_CHARACTERS_MAX]
        comment = form.get("comment", "").strip()[:COMMENT_CHARACTERS_MAX]
        try:
            row, notification = await desk.linked(id, signature)
            name = f"{who or 'somebody'} (by a link sent to {row.receiver})"
            count = await desk.acknowledge(notification, name, comment, address_of(request))
        except NotFound:
            return _page("Nothing fires any more", "<p>What the message told of is over: there is nothing to do.</p>")
        except CallerError as error:
            return _page("This link does not work", f"<p>{escape(error.message)}</p>", error.status)
        text = "<p>Nobody is reminded of it any more, until something new fires.</p>"
        return _page(f"Acknowledged: {count} {'alert' if count == 1 else 'alerts'}", text)

    @router.post("/api/v1/slack/interactions", openapi_extra=_FORM_BODY, status_code=200)
    async def slack_interactions(request: Request) -> Response:
        """Where a Slack app sends presses of buttons ("Interactivity & Shortcuts"), signed by its signing secret."""
        body, headers = await request.body(), request.headers
        timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        verify(body, timestamp, signature, await desk.slack_secrets(), clock.now_ns() / 1e9)
        form = dict(await read_form(request))
        for one in pressed(form.get("payload", "")):
            row, _ = await desk.outbox.get(one.notification_id)
            notification = notification_of(row)
            if one.action == SILENCE:
                comment = f"Silenced in Slack for {SILENCE_HOURS} hours"
                await desk.silence(notification, one.who, SILENCE_HOURS * 3600.0, comment, address_of(request))
                continue
            try:
                await desk.acknowledge(notification, one.who, "", address_of(request))
            except NotFound:
                continue  # it is over: the message will say so
        return Response()

    return router


_FORM = """<form method="post">
<label for="who">Your name</label><input id="who" name="who" maxlength="100" autocomplete="name">
<label for="comment">Comment</label><input id="comment" name="comment" maxlength="1000">
<button type="submit">Acknowledge</button></form>"""


def _title(notification: Notification) -> str:
    labels = notification.group_labels
    named = labels.get("alertname") or ", ".join(f"{name}={value}" for name, value in labels.items())
    return named or f"{len(notification.alerts)} alerts"


def _alerts(notification: Notification) -> str:
    shown = notification.firing[:ALERTS_SHOWN]
    items = "".join(
        f"<li>{escape(one.annotations.get('summary') or one.name)}"
        f"<br><small>{escape(' '.join(f'{name}={value}' for name, value in sorted(one.labels.items())))}</small></li>"
        for one in shown
    )
    more = len(notification.firing) - len(shown)
    return f"<ul>{items}</ul>" + (f"<p>and {more} more</p>" if more else "")


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<meta name="robots" content="noindex"><title>{escape(title)} · Midwatch</title><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return HTMLResponse(text, status, {"cache-control": "no-store"})
