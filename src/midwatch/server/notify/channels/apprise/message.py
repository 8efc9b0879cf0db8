"""Title and body for Apprise."""

from dataclasses import dataclass

from midwatch.server.notify.channels.apprise.config import AppriseConfig
from midwatch.server.notify.request import cut
from midwatch.server.notify.told import Told

BODY_CHARACTERS_MAX = 30_000


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str
    kind: str


def message(told: Told, config: AppriseConfig) -> Message:
    body = (told.html if config.format == "html" else told.text)(config.message)
    return Message(
        told.headline(config.title), cut(body, BODY_CHARACTERS_MAX) or "alert", "failure" if told.firing else "success"
    )
