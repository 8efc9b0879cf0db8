"""`chat.postMessage` of Rocket.Chat's API."""

from typing import Any

from midwatch.server.notify.channels.rocketchat.config import RocketchatConfig
from midwatch.server.notify.request import cut
from midwatch.server.notify.told import Told

API_URL = "https://open.rocket.chat/"
TITLE_CHARACTERS_MAX = 1024
TEXT_CHARACTERS_MAX = 4500
"""Rocket.Chat's default limit is 5,000."""


def message(told: Told, config: RocketchatConfig) -> dict[str, Any]:
    attachment = {
        "title": cut(told.headline(config.title), TITLE_CHARACTERS_MAX),
        "title_link": told.text(config.title_link, otherwise=""),
        "text": cut(told.text(config.text), TEXT_CHARACTERS_MAX),
        "color": told.text(config.color, otherwise="red"),
        "image_url": told.text(config.image_url, otherwise=""),
        "thumb_url": told.text(config.thumb_url, otherwise=""),
        "fields": [
            {
                "title": told.text(one.title),
                "value": told.text(one.value),
                "short": config.short_fields if one.short is None else one.short,
            }
            for one in config.fields
        ],
        "actions": told.nested(config.actions),
    }
    made = {
        "channel": told.text(config.channel, otherwise=config.channel),
        "emoji": told.text(config.emoji, otherwise=""),
        "avatar": told.text(config.icon_url, otherwise=""),
        "attachments": [{name: value for name, value in attachment.items() if value}],
    }
    return {name: value for name, value in made.items() if value}
