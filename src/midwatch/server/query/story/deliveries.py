"""How a message to a person stands, by what its lines say."""

from enum import StrEnum

from midwatch.server.query.story.lines import Line

_FIELDS = ("message.status", "message_status", "delivery.status", "delivery_status")
_ARRIVED = frozenset({"delivered", "read", "opened", "clicked"})
_REFUSED = frozenset({"undelivered", "failed", "bounced", "rejected", "expired", "dropped", "complained"})
_ON_ITS_WAY = frozenset({"accepted", "queued", "scheduled", "sending", "sent"})


class Delivery(StrEnum):
    ON_ITS_WAY = "on its way"
    ARRIVED = "arrived"
    REFUSED = "refused"
    UNKNOWN = ""


def delivery_of(line: Line) -> Delivery:
    """By a field of it, or by the last word of an event's name: `sms.delivered`."""
    said = next((line.facts[name] for name in _FIELDS if line.facts.get(name)), "")
    word = (said or line.title.replace(" ", ".").replace("_", ".").rpartition(".")[2]).lower()
    if word in _ARRIVED:
        return Delivery.ARRIVED
    if word in _REFUSED:
        return Delivery.REFUSED
    return Delivery.ON_ITS_WAY if word in _ON_ITS_WAY else Delivery.UNKNOWN
