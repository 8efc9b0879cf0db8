"""Pushover's Message API."""

from midwatch.server.notify.channels.pushover.config import PushoverConfig
from midwatch.server.notify.request import cut
from midwatch.server.notify.told import Told

API_URL = "https://api.pushover.net/1/messages.json"
TITLE_CHARACTERS_MAX, MESSAGE_CHARACTERS_MAX = 250, 1024
URL_CHARACTERS_MAX, URL_TITLE_CHARACTERS_MAX = 512, 100
EMERGENCY = "2"
RETRY_SECONDS_MIN, EXPIRE_SECONDS_MAX = 30, 10_800


def form(told: Told, config: PushoverConfig, user: str, token: str) -> dict[str, str]:
    priority = told.text(config.priority, otherwise=EMERGENCY).strip()
    url = told.text(config.url, otherwise="")
    made = {
        "user": user,
        "token": token,
        "title": cut(told.headline(config.title), TITLE_CHARACTERS_MAX),
        "message": cut((told.html if config.html else told.text)(config.message), MESSAGE_CHARACTERS_MAX).strip()
        or "alert",
        "url": url if len(url) <= URL_CHARACTERS_MAX else "",
        "url_title": cut(told.text(config.url_title, otherwise=""), URL_TITLE_CHARACTERS_MAX),
        "priority": priority,
        "device": told.text(config.device, otherwise=""),
        "sound": told.text(config.sound, otherwise=""),
        "timestamp": str(told.notification.at_ns // 1_000_000_000),
        "html": "1" if config.html else "",
        "monospace": "1" if config.monospace else "",
        "ttl": str(int(config.ttl)) if config.ttl else "",
    }
    if priority == EMERGENCY:
        made["retry"] = str(max(RETRY_SECONDS_MIN, int(config.retry)))
        made["expire"] = str(min(EXPIRE_SECONDS_MAX, int(config.expire)))
    return {name: value for name, value in made.items() if value}
