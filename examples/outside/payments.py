"""A payment provider, as Stripe's webhooks describe it: `POST /payments/send` sends an event to the team, signed."""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import httpx
from pydantic import BaseModel

from examples.outside.vendor import Vendor, router_of

PAYMENTS = Vendor("payments")
SECRET = "the-signing-secret-of-the-webhook"
API_VERSION = "2026-01-28"
router = router_of(PAYMENTS)


class Happened(BaseModel):
    """`data` is the event's object; the same `id` again is a duplicate."""

    url: str
    type: str
    data: dict[str, Any]
    id: str = ""
    secret: str = SECRET


def signature(body: str, at: int, secret: str = SECRET) -> str:
    """As in the header Stripe-Signature."""
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


@router.post("/send")
async def send(event: Happened) -> dict[str, Any]:
    """The webhook's answer, and the event's id."""
    event_id, now = event.id or f"evt_{uuid.uuid4().hex[:24]}", int(time.time())
    body = json.dumps(
        {
            "id": event_id,
            "object": "event",
            "api_version": API_VERSION,
            "created": now,
            "type": event.type,
            "livemode": False,
            "data": {"object": event.data},
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
        }
    )
    headers = {"stripe-signature": signature(body, now, event.secret), "content-type": "application/json"}
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(event.url, content=body, headers=headers)
    return {"id": event_id, "status": answer.status_code, "text": answer.text, "headers": dict(answer.headers)}
