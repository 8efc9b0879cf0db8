"""Shapes of `/api/v1/privacy/…`."""

from typing import Literal

from pydantic import Field

from midwatch.server.schemas.base import QueryStats, Schema


class Leak(Schema):
    """Something private that came to the server, and was taken out before it was stored."""

    signal: str
    service: str
    found: str
    """email, phone, card, iban, ssn, jwt, key (also: for its key), ip, secret; unread: not looked at, removed whole."""
    place: str
    """The column: SpanAttributes, Body, Labels …"""
    key: str
    """Empty where the place has none; `[private]` where the key was private itself."""
    count: int
    last_seen: str


class LeakReport(Schema):
    leaks: list[Leak]
    """The most frequent first."""
    total: int
    truncated: bool
    """There are more places than are listed."""
    stats: QueryStats


class ErasureWanted(Schema):
    user: str = Field(min_length=3, max_length=300)
    """An id, address or number, as it was sent or as it is shown."""
    reason: str = Field(min_length=1, max_length=500)
    """For the audit log."""
    dry_run: bool = False
    """Tell what is there, and remove nothing."""


class ErasureStep(Schema):
    """A line of the answer."""

    step: Literal["search", "erase", "parts", "proof", "end", "failed"]
    place: str
    found: int
    error: str = ""
