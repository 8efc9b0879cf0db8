"""Alertmanager's webhook payload, version 4 (with `notification_reason`, 0.33)."""

import base64
import hashlib
import hmac
import json
from typing import Any

from midwatch.server.notify.channels.webhook.config import WebhookConfig
from midwatch.server.notify.data import json_value
from midwatch.server.notify.request import Request
from midwatch.server.notify.told import Told
from midwatch.server.workspace.outbox import LEFT_OUT

VERSION = "4"


def payload(told: Told, alerts_max: int) -> dict[str, Any]:
    """At most so many alerts, 0 for all; how many are left out is said in it."""
    data = told.data
    alerts = json_value(data["Alerts"])
    kept = alerts[:alerts_max] if alerts_max else alerts
    left_out = int(told.notification.context.get(LEFT_OUT, "0"))
    return {
        "receiver": data["Receiver"],
        "status": data["Status"],
        "alerts": kept,
        "groupLabels": dict(data["GroupLabels"]),
        "commonLabels": dict(data["CommonLabels"]),
        "commonAnnotations": dict(data["CommonAnnotations"]),
        "routeLabels": dict(data["RouteLabels"]),
        "externalURL": data["ExternalURL"],
        "version": VERSION,
        "groupKey": told.notification.group_key,
        "truncatedAlerts": len(alerts) - len(kept) + left_out,
        "notification_reason": str(told.notification.reason),
    } | ({"test": True} if told.mark else {})


def request(told: Told, config: WebhookConfig, url: str, secret: str, now_seconds: float) -> Request:
    """`webhook-id` is the notification's: the same in each attempt."""
    value = payload(told, config.max_alerts) if config.payload is None else told.nested(config.payload)
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    headers = {"content-type": "application/json", "webhook-id": told.id}
    if secret:
        headers |= signature(told.id, int(now_seconds), body, secret)
    return Request("POST", told.text(url, otherwise=url), headers, body)


def signature(id_: str, seconds: int, body: bytes, secret: str) -> dict[str, str]:
    """HMAC-SHA256 over `id.timestamp.body`, as Standard Webhooks 1.0 has it; the secret may begin with `whsec_`."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = secret.encode()
    signed = hmac.new(key, f"{id_}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
