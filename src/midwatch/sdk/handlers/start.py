"""Begins what runs beside the app, once there is something replayable, a store and a server."""

from midwatch.sdk.handlers.channel import CHANNEL
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.handlers.telling import tell
from midwatch.sdk.handlers.tending import TENDER


def begin() -> None:
    """Again is no more: the threads wait for `init` by themselves."""
    if REGISTRY.ledger is None or not REGISTRY.handlers:
        return
    TENDER.tell = tell
    TENDER.start()
    CHANNEL.start()
