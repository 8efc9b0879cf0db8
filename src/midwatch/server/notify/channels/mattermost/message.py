"""An incoming webhook's message of Mattermost."""

from typing import Any

from midwatch.server.notify.channels.mattermost.config import MattermostConfig
from midwatch.server.notify.request import cut
from midwatch.server.notify.told import Told

TEXT_CHARACTERS_MAX = 15_000
"""Mattermost takes 16,383 in a post."""
_ATTACHMENT = (
    "fallback", "color", "pretext", "author_name", "author_link", "author_icon", "title_link", "thumb_url", "footer",
    "footer_icon", "image_url",
)  # fmt: skip


def message(told: Told, config: MattermostConfig) -> dict[str, Any]:
    attachment = {name: told.text(getattr(config, name), otherwise="") for name in _ATTACHMENT}
    attachment |= {"title": told.headline(config.title), "text": cut(told.text(config.text), TEXT_CHARACTERS_MAX)}
    fields = [
        {"title": told.text(one.title), "value": told.text(one.value), "short": bool(one.short)}
        for one in config.fields
    ]
    own = {name: value for name, value in {**attachment, "fields": fields}.items() if value}
    made = {
        "channel": told.text(config.channel, otherwise=config.channel),
        "username": told.text(config.username, otherwise=""),
        "icon_url": told.text(config.icon_url, otherwise=""),
        "icon_emoji": told.text(config.icon_emoji, otherwise=""),
        "attachments": told.nested(config.attachments) or [own],
        "type": config.type,
        "props": told.nested(config.props),
        "priority": told.nested(config.priority),
    }
    return {name: value for name, value in made.items() if value}
