"""ntfy's publishing as JSON."""

from typing import Any

from midwatch.server.notify.channels.ntfy.config import NtfyConfig
from midwatch.server.notify.request import cut_bytes
from midwatch.server.notify.told import Told

MESSAGE_BYTES_MAX = 4000
"""ntfy makes an attachment of what is over 4,096."""
PRIORITIES = {"min": 1, "low": 2, "default": 3, "high": 4, "max": 5, "urgent": 5}
_BY_SEVERITY = {"critical": 5, "page": 5, "error": 4, "high": 4, "warning": 3, "info": 2}


def message(told: Told, config: NtfyConfig) -> dict[str, Any]:
    actions = [{"action": "view", "label": "Show", "url": told.page_url}]
    if told.firing and told.acknowledge_url:
        actions.insert(0, {"action": "view", "label": "Acknowledge", "url": told.acknowledge_url})
    actions += [{"action": "view", "label": "Runbook", "url": url} for url in list(told.runbooks().values())[:1]]
    tags = [tag.strip() for tag in told.text(config.tags, otherwise="").split(",") if tag.strip()]
    return {
        "topic": config.topic,
        "title": told.headline(config.title),
        "message": cut_bytes(told.text(config.message), MESSAGE_BYTES_MAX) or "alert",
        "priority": priority(told, config),
        "tags": tags or (["rotating_light"] if told.firing else ["white_check_mark"]),
        "click": told.page_url,
        "actions": [one for one in actions if one["url"]],
    }


def priority(told: Told, config: NtfyConfig) -> int:
    if config.priority:
        said = told.text(config.priority, otherwise="").strip().lower()
        return int(said) if said in ("1", "2", "3", "4", "5") else PRIORITIES.get(said, 3)
    if not told.firing:
        return 3
    found = [alert["Labels"].get("severity", "").lower() for alert in told.data["Alerts"]]
    return max((_BY_SEVERITY.get(one, 3) for one in found), default=3)
