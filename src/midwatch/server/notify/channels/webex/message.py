"""A message of Webex's API."""

from midwatch.server.notify.channels.webex.config import WebexConfig
from midwatch.server.notify.request import cut_bytes
from midwatch.server.notify.told import Told

API_URL = "https://webexapis.com/v1/messages"
MESSAGE_BYTES_MAX = 7439


def message(told: Told, config: WebexConfig) -> dict[str, str]:
    return {
        "roomId": told.text(config.room_id, otherwise=config.room_id),
        "markdown": cut_bytes(told.headline(config.message), MESSAGE_BYTES_MAX),
    }
