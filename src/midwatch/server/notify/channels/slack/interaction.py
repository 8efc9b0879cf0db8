"""Presses of a message's buttons, as Slack sends them: signed, in a form (Slack's "verifying requests", version 0)."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.server.model.errors import BadRequest
from midwatch.server.notify.channels.slack.message import ACKNOWLEDGE, SILENCE

AGE_SECONDS_MAX = 300.0
BODY_BYTES_MAX = 256 << 10


@dataclass(frozen=True, slots=True)
class Pressed:
    action: str
    notification_id: str
    who: str


def verify(body: bytes, timestamp: str, signature: str, secrets: Sequence[str], now_seconds: float) -> None:
    """Raises BadRequest: it does not come from Slack, as far as anybody can tell."""
    if not secrets:
        raise BadRequest("no Slack app is configured: expected signing_secret in slack_configs", code="bad_signature")
    if not timestamp.isdigit() or abs(now_seconds - int(timestamp[:12])) > AGE_SECONDS_MAX:
        raise BadRequest("x-slack-request-timestamp: expected a time of the last five minutes", code="bad_signature")
    signed = b"v0:" + timestamp.encode() + b":" + body
    for secret in secrets:
        expected = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            return
    raise BadRequest("x-slack-signature: expected one of the app's signing secret", code="bad_signature")


def pressed(payload: str) -> list[Pressed]:
    """Of our buttons. Raises BadRequest."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        raise BadRequest("payload: expected JSON") from None
    if not isinstance(value, dict) or not isinstance(value.get("actions"), list):
        return []
    user = value.get("user")
    who = _name(user) if isinstance(user, dict) else "somebody in Slack"
    return [
        Pressed(str(one["action_id"]), str(one["value"])[:64], who)
        for one in value["actions"][:10]
        if isinstance(one, dict)
        and one.get("action_id") in (ACKNOWLEDGE, SILENCE)
        and isinstance(one.get("value"), str)
    ]


def _name(user: dict[str, Any]) -> str:
    for key in ("name", "username", "id"):
        if isinstance(user.get(key), str) and user[key]:
            return f"{user[key][:100]} (Slack)"
    return "somebody in Slack"
