"""What is forwarded, and how it goes."""

from midwatch.server.schemas.base import Schema


class ForwardedSignal(Schema):
    signal: str
    sent_bodies: int
    """This and what follows: since start."""
    sent_items: int
    sent_bytes: int
    """Before compression."""
    last_sent: str | None
    waiting_bytes: int
    oldest_waiting_seconds: float
    failed_attempts: int
    error: str
    """Of the last attempt, or of the last body that was refused; empty where all is well."""
    retry_at: str | None
    """When it is tried again; null while nothing holds it up."""
    lost: dict[str, int]
    """Bodies that did not go on, by reason: `queue_full`, `too_old`, `disk_full`, `refused`, `damaged`, `not_linked`;
    of `partly_refused`, items."""


class ForwardDestination(Schema):
    name: str
    endpoint: str
    queue_bytes_max: int
    queue_age_seconds_max: float
    signals: list[ForwardedSignal]


class ForwardDestinations(Schema):
    """Of the server that answers: each forwards what came to it."""

    destinations: list[ForwardDestination]
