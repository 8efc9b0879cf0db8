"""An Adaptive Card in a message, as the Teams webhook of a workflow takes it."""

from typing import Any

from midwatch.server.notify.channels.msteamsv2.config import Msteamsv2Config
from midwatch.server.notify.request import cut_bytes
from midwatch.server.notify.told import Told

CARD_BYTES_MAX = 20_000
"""Teams refuses messages over 28 kB."""


def message(told: Told, config: Msteamsv2Config) -> dict[str, Any]:
    links = [("Acknowledge", told.acknowledge_url)] if told.firing else []
    links += [("Show in Midwatch", told.page_url)]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock",
                "text": told.headline(config.title),
                "weight": "Bolder",
                "size": "Medium",
                "wrap": True,
                "style": "heading",
                "color": "Attention" if told.firing else "Good",
            },
            {"type": "TextBlock", "text": cut_bytes(told.text(config.text), CARD_BYTES_MAX), "wrap": True},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": title, "url": url} for title, url in links if url],
        "msteams": {"width": "full"},
    }
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [card]}
