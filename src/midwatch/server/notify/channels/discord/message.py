"""A webhook's message with one embed (Discord's API, version 10)."""

from typing import Any

from midwatch.server.notify.channels.discord.config import DiscordConfig
from midwatch.server.notify.request import cut
from midwatch.server.notify.told import Told

TITLE_CHARACTERS_MAX = 256
DESCRIPTION_CHARACTERS_MAX = 4096
CONTENT_CHARACTERS_MAX = 2000
RED, GREEN = 0x992D22, 0x2ECC71


def message(told: Told, config: DiscordConfig) -> dict[str, Any]:
    made: dict[str, Any] = {
        "content": cut(told.text(config.content, otherwise=""), CONTENT_CHARACTERS_MAX),
        "embeds": [
            {
                "title": cut(told.headline(config.title), TITLE_CHARACTERS_MAX),
                "description": cut(told.text(config.message), DESCRIPTION_CHARACTERS_MAX),
                "url": told.page_url,
                "color": RED if told.firing else GREEN,
            }
        ],
        "username": told.text(config.username, otherwise=""),
        "avatar_url": told.text(config.avatar_url, otherwise=""),
        # Labels of an alert are no reason to ping everybody.
        "allowed_mentions": {"parse": []}
        if not config.content.strip() or "default.content" in config.content
        else None,
    }
    return {name: value for name, value in made.items() if value}
