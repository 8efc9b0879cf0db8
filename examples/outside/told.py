"""Where notifications arrive: Slack, PagerDuty, Opsgenie, webhooks and mail, and a page that shows what came."""

import html
import json
import time
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from examples.outside.vendor import Vendor, router_of

TOLD = Vendor("told", knows=frozenset({"page_fails"}))
"""`page_fails`: PagerDuty and Opsgenie take nothing, so that somebody else has to be found."""
STYLE = """<style>
body { font: 14px system-ui; margin: 2rem }
td { vertical-align: top; padding: .25rem 1rem }
pre { margin: 0; white-space: pre-wrap }
</style>"""
doors = router_of(TOLD, prefix="")
shown = APIRouter()


@doors.post("/services/{path:path}")
async def slack(path: str) -> PlainTextResponse:
    return PlainTextResponse("ok")


@doors.post("/v2/enqueue", status_code=202)
async def pagerduty(event: dict[str, Any]) -> Any:
    if TOLD.does("page_fails"):
        return JSONResponse({"status": "throttle exceeded"}, 429)
    return {"status": "success", "message": "Event processed", "dedup_key": event.get("dedup_key", "x")}


@doors.post("/opsgenie/v2/alerts{path:path}", status_code=202)
async def opsgenie(path: str) -> Any:
    if TOLD.does("page_fails"):
        return JSONResponse({"message": "You are making too many requests!"}, 429)
    return {"result": "Request will be processed", "took": 0.1, "requestId": "r"}


@doors.put("/opsgenie/v2/alerts{path:path}", status_code=202)
async def opsgenie_updated(path: str) -> Any:
    return {"result": "Request will be processed", "took": 0.1, "requestId": "r"}


@doors.post("/webhook/{name}")
async def webhook(name: str) -> dict[str, bool]:
    return {"ok": True}


@shown.get("/told")
async def told() -> list[dict[str, Any]]:
    """Everything that came, oldest first: `at` in seconds since 1970, method, path, headers, body as text."""
    return list(TOLD.seen)


@shown.get("/", response_class=HTMLResponse)
async def page() -> str:
    """For people: the newest first."""
    rows = "".join(
        f"<tr><td>{time.strftime('%H:%M:%S', time.localtime(one['at']))}<td>{html.escape(one['path'])}"
        f"<td><pre>{html.escape(_readable(one['body']))}</pre>"
        for one in reversed(TOLD.seen)
    )
    return f"<title>Who was told</title>{STYLE}<h1>Who was told</h1><table>{rows or '<tr><td>Nobody yet.'}</table>"


def _readable(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=1, ensure_ascii=False)
    except ValueError:
        return body


class Mailbox:
    """Takes every mail, as the handler of an SMTP server."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        mail = message_from_bytes(content, policy=policy.default)
        text = mail.get_body(("plain",))
        TOLD.seen.append(
            {
                "at": time.time(),
                "method": "MAIL",
                "path": f"mailto:{','.join(envelope.rcpt_tos)}",
                "headers": {name.lower(): str(value) for name, value in mail.items()},
                "body": f"{mail['subject']}\n\n{text.get_content() if text else ''}",
            }
        )
        return "250 taken"


def mail_server(port: int) -> Controller:
    return Controller(Mailbox(), hostname="127.0.0.1", port=port)
