"""Who may write, and how fast."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Forbidden, RateLimited, Unauthorized
from midwatch.server.workspace.secrets import TOKEN_PREFIX

BROWSER_ITEMS_PER_SECOND = 500
ITEMS_PER_SECOND = 200_000
ITEM_BYTES = 2048
"""What an item may have on average: a key's rate in bytes is its rate in items times this."""
BURST_SECONDS = 5.0
KEY_CHARACTERS_MAX = 512


class KeyRing(Protocol):
    def find(self, key: str) -> IngestGrant | None:
        """In memory: called for every body."""
        ...


def key_in(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The ingest key of a request: `x-midwatch-key`, `Authorization: Bearer`, `Basic` (either part), or `?key=`.

    The header of ours goes first, so that a client that writes and reads can have a token in the other.

    Raises:
        Unauthorized: there is none.
    """
    if key := headers.get("x-midwatch-key"):
        return key
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        # OTEL_EXPORTER_OTLP_HEADERS is percent-encoded, and not every SDK decodes it.
        return unquote(value).strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Unauthorized("authorization: expected Basic with base64") from None
        return password or user
    if scheme.lower().startswith("bearer%20"):
        return unquote(scheme)[7:].strip()
    if key := query.get("key"):
        return key
    raise Unauthorized(
        "no ingest key: send `Authorization: Bearer <key>` or `x-midwatch-key: <key>`; keys are under Settings → Keys",
    )


@dataclass(slots=True)
class _Bucket:
    """What a key may still take; below zero, what it overdrew."""

    items: float
    bytes: float
    at: float


class Admission:
    """Keys and rates."""

    def __init__(
        self,
        keys: KeyRing,
        clock: Clock,
        *,
        items_per_second: int = ITEMS_PER_SECOND,
        browser_items_per_second: int = BROWSER_ITEMS_PER_SECOND,
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._items_per_second = items_per_second
        self._browser_items_per_second = browser_items_per_second
        self._buckets: dict[str, _Bucket] = {}

    def admit(self, headers: Mapping[str, str], query: Mapping[str, str]) -> IngestGrant:
        """The grant of the request's key.

        Raises:
            Unauthorized: no key, or an unknown one.
            Forbidden: a browser key used from a page that is not on its list.
        """
        key = key_in(headers, query)
        grant = self._keys.find(key) if len(key) <= KEY_CHARACTERS_MAX else None
        if grant is None and key.startswith(TOKEN_PREFIX):
            raise Unauthorized("this is an API token, which reads: send an ingest key; keys are under Settings → Keys")
        if grant is None:
            raise Unauthorized(
                "the ingest key is not known: it was mistyped or revoked; keys are under Settings → Keys",
            )
        if grant.origins:
            origin = headers.get("origin", "")
            if origin not in grant.origins and "*" not in grant.origins:
                sent = f"origin={origin[:200]!r}: not one of the" if origin else "no origin: a server is none of the"
                raise Forbidden(f"{sent} pages that the key {grant.key_name} is for", code="origin_not_allowed")
        return grant

    def check_rate(self, grant: IngestGrant) -> None:
        """Before a body is read: a key that overdrew waits.

        Raises:
            RateLimited: the key is over its rate.
        """
        rate = self._rate(grant)
        bucket = self._refilled(grant, rate)
        if bucket.items <= 0 or bucket.bytes <= 0:
            over_items = bucket.items <= 0
            wait = -bucket.items / rate if over_items else -bucket.bytes / (rate * ITEM_BYTES)
            limit = f"{rate:,} items" if over_items else f"{rate * ITEM_BYTES:,} bytes"
            raise RateLimited(f"the key {grant.key_name} is over its {limit} a second", retry_after_seconds=wait + 1)

    def charge(self, grant: IngestGrant, items: int, size_bytes: int) -> None:
        """Take a body from the key's rate. It may overdraw, so that any size passes in the end.

        Raises:
            RateLimited: other bodies overdrew meanwhile.
        """
        self.check_rate(grant)
        bucket = self._buckets[grant.key_id]
        bucket.items -= items
        bucket.bytes -= size_bytes

    def _rate(self, grant: IngestGrant) -> int:
        return grant.items_per_second or (self._browser_items_per_second if grant.origins else self._items_per_second)

    def _refilled(self, grant: IngestGrant, rate: int) -> _Bucket:
        now, most = self._clock.monotonic(), rate * BURST_SECONDS
        bucket = self._buckets.get(grant.key_id)
        if bucket is None:
            bucket = self._buckets[grant.key_id] = _Bucket(most, most * ITEM_BYTES, now)
        seconds, bucket.at = now - bucket.at, now
        bucket.items = min(most, bucket.items + seconds * rate)
        bucket.bytes = min(most * ITEM_BYTES, bucket.bytes + seconds * rate * ITEM_BYTES)
        return bucket
