"""A MessageCard, as connectors of Office 365 take it."""

from typing import Any

from midwatch.server.notify.channels.msteams.config import MsteamsConfig
from midwatch.server.notify.request import cut_bytes
from midwatch.server.notify.told import Told

CARD_BYTES_MAX = 20_000
"""Teams refuses messages over 28 kB."""
RED, GREEN, GREY = "8C1A1A", "2DC72D", "808080"


def card(told: Told, config: MsteamsConfig) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": "MessageCard",
        "@context": "https://schema.org/extensions",
        "title": told.headline(config.title),
        "summary": told.headline(config.summary) or "alert",
        "text": cut_bytes(told.text(config.text), CARD_BYTES_MAX),
        "themeColor": RED if told.firing else GREEN,
    }
    links = [("Acknowledge", told.acknowledge_url)] if told.firing else []
    links += [("Show in Midwatch", told.page_url)]
    made["potentialAction"] = [
        {"@type": "OpenUri", "name": name, "targets": [{"os": "default", "uri": url}]} for name, url in links if url
    ]
    return made
