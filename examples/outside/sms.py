"""A gateway for text messages, as Twilio's Messages resource and its webhooks describe it.

What is sent is called back about at its `StatusCallback`: `sent`, then `delivered`; `undelivered` says so instead
(error 30003), `no_callbacks` nothing. `rejected` answers 400 with error 21610, `rate_limited` 429 with error 20429.
`POST /sms/write` is somebody who writes a message: it comes to the team's webhook, signed.
"""

import asyncio
import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from examples.outside.vendor import Vendor, router_of

SMS = Vendor("sms", knows=frozenset({"rejected", "rate_limited", "undelivered", "no_callbacks"}))
TOKEN = "the-token-of-the-sms-account"
"""What webhooks are signed with, as in X-Twilio-Signature."""
CALLBACK_SECONDS = 0.2
MESSAGES = "/2010-04-01/Accounts/{account}/Messages.json"
doors = router_of(SMS)
acts = APIRouter(prefix="/sms")
telling: set["asyncio.Task[None]"] = set()


class Written(BaseModel):
    """`form` is put above what Twilio would send."""

    url: str
    sender: str
    text: str
    sid: str = ""
    token: str = TOKEN
    form: dict[str, str] = {}


def signature(url: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    signed = url + "".join(f"{key}{form[key]}" for key in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def new_sid() -> str:
    return f"SM{uuid.uuid4().hex}"


@doors.post(MESSAGES, status_code=201)
async def send(account: str, request: Request) -> Any:
    form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    if SMS.does("rejected"):
        return _refused(400, 21610, "Attempt to send to unsubscribed recipient")
    if SMS.does("rate_limited"):
        return _refused(429, 20429, "Too Many Requests")
    sid = new_sid()
    if form.get("StatusCallback") and not SMS.does("no_callbacks"):
        task = asyncio.create_task(_call_back(form["StatusCallback"], sid, account, form))
        telling.add(task)
        task.add_done_callback(telling.discard)
    return {
        "sid": sid,
        "account_sid": account,
        "to": form["To"],
        "from": form.get("From"),
        "body": form["Body"],
        "status": "queued",
        "direction": "outbound-api",
        "date_created": format_datetime(datetime.now(UTC)),
        "num_segments": str(1 + len(form["Body"]) // 160),
        "price": None,
        "error_code": None,
        "error_message": None,
        "uri": MESSAGES.format(account=account).replace("Messages", f"Messages/{sid}"),
    }


@acts.post("/write")
async def write(message: Written) -> dict[str, Any]:
    """The webhook's answer, and the id under which the message came."""
    sid = message.sid or new_sid()
    form = {
        "MessageSid": sid,
        "AccountSid": "AC0",
        "From": message.sender,
        "To": "+15005550006",
        "Body": message.text,
        "NumMedia": "0",
        **message.form,
    }
    answer = await _posted(message.url, form, message.token)
    return {"sid": sid, **answer}


async def _call_back(url: str, sid: str, account: str, sent: Mapping[str, str]) -> None:
    last = "undelivered" if SMS.does("undelivered") else "delivered"
    for status in ("sent", last):
        await asyncio.sleep(CALLBACK_SECONDS)
        form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": account, "To": sent["To"]}
        await _posted(url, form | ({"ErrorCode": "30003"} if status == "undelivered" else {}))


async def _posted(url: str, form: Mapping[str, str], token: str = TOKEN) -> dict[str, Any]:
    headers = {"x-twilio-signature": signature(url, form, token), "user-agent": "TwilioProxy/1.1"}
    try:
        async with httpx.AsyncClient(timeout=15) as client:
            answer = await client.post(url, data=dict(form), headers=headers)
    except httpx.HTTPError as error:
        return {"status": 0, "text": type(error).__name__, "headers": {}}
    return {"status": answer.status_code, "text": answer.text, "headers": dict(answer.headers)}


def _refused(status: int, code: int, message: str) -> JSONResponse:
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more_info, "status": status}, status)


router = APIRouter()
router.include_router(doors)
router.include_router(acts)
