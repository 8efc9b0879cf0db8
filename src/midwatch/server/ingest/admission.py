"""Who may write, how fast, and what is unpacked: everything before a body is looked at."""

import base64
import binascii
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, Forbidden, RateLimited, TooLarge, Unauthorized, UnsupportedMedia

BODY_BYTES_MAX = 64 << 20
"""After decompression, as the OTLP specification recommends."""
BROWSER_ITEMS_PER_SECOND = 500
ITEMS_PER_SECOND = 200_000
BURST_SECONDS = 5.0


class KeyRing(Protocol):
    def find(self, key: str) -> IngestGrant | None:
        """In memory: called for every body."""
        ...


def key_in(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The ingest key of a request: `Authorization: Bearer`, `Basic` (either part), `x-midwatch-key`, or `?key=`.

    Raises:
        Unauthorized: there is none.
    """
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
        return unquote(scheme)[7:]
    if key := headers.get("x-midwatch-key") or query.get("key"):
        return key
    raise Unauthorized(
        "no ingest key: send `Authorization: Bearer <key>` or `x-midwatch-key: <key>`; keys are under Settings → Keys",
    )


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Admission:
    """Keys and rates."""

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def admit(self, headers: Mapping[str, str], query: Mapping[str, str]) -> IngestGrant:
        """The grant of the request's key.

        Raises:
            Unauthorized: no key, or an unknown one.
            Forbidden: a browser key used from a page that is not on its list.
        """
        grant = self._keys.find(key_in(headers, query))
        if grant is None:
            raise Unauthorized(
                "the ingest key is not known: it was mistyped or revoked; keys are under Settings → Keys"
            )
        if grant.origins:
            origin = headers.get("origin", "")
            if origin not in grant.origins and "*" not in grant.origins:
                raise Forbidden(
                    f"origin={origin!r}: expected a page of the key {grant.key_name}: {', '.join(grant.origins)}",
                    code="origin_not_allowed",
                )
        return grant

    def charge(self, grant: IngestGrant, items: int) -> None:
        """Take items from the key's rate. A body may overdraw once, so that any size passes in the end.

        Raises:
            RateLimited: the key is over its rate.
        """
        rate = grant.items_per_second or (BROWSER_ITEMS_PER_SECOND if grant.origins else ITEMS_PER_SECOND)
        now = self._clock.monotonic()
        bucket = self._buckets.setdefault(grant.key_id, _Bucket(rate * BURST_SECONDS, now))
        bucket.tokens = min(rate * BURST_SECONDS, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.tokens <= 0:
            raise RateLimited(
                f"the key {grant.key_name} is over its {rate:,} items a second",
                retry_after_seconds=-bucket.tokens / rate + 1,
            )
        bucket.tokens -= items


async def read_body(chunks: AsyncIterator[bytes], encoding: str) -> bytes:
    """The whole body, unpacked, never more than the limit in memory.

    Raises:
        TooLarge: over the limit, before or after unpacking.
        UnsupportedMedia: an encoding that is not read.
        BadRequest: packed data that is damaged or torn.
    """
    unpack, finished = _unpacker(encoding)
    collected = bytearray()
    async for chunk in chunks:
        collected += unpack(chunk, BODY_BYTES_MAX + 1 - len(collected))
        if len(collected) > BODY_BYTES_MAX:
            raise TooLarge(
                f"cannot take the body: over {BODY_BYTES_MAX >> 20} MiB once unpacked; send smaller batches",
                code="body_too_large",
            )
    if not finished():
        raise BadRequest(f"cannot unpack the body: the {encoding} data ends too early", code="bad_encoding")
    return bytes(collected)


_Unpack = Callable[[bytes, int], bytes]


def _unpacker(encoding: str) -> tuple[_Unpack, Callable[[], bool]]:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return (lambda chunk, _room: chunk), (lambda: True)
    if name in ("gzip", "x-gzip", "deflate"):
        return _zlib()
    if name == "zstd":
        return _zstd()
    raise UnsupportedMedia(f"content-encoding={encoding!r}: expected gzip, deflate, zstd or none")


def _zlib() -> tuple[_Unpack, Callable[[], bool]]:
    state = zlib.decompressobj(47)

    def unpack(chunk: bytes, room: int) -> bytes:
        try:
            return state.decompress(chunk, max(1, room))
        except zlib.error as error:
            raise BadRequest(f"cannot unpack the body: {error}", code="bad_encoding") from None

    return unpack, lambda: state.eof


def _zstd() -> tuple[_Unpack, Callable[[], bool]]:
    from backports import zstd

    state = zstd.ZstdDecompressor()

    def unpack(chunk: bytes, room: int) -> bytes:
        if state.eof:
            return b""
        try:
            return bytes(state.decompress(chunk, max(1, room)))
        except zstd.ZstdError as error:
            raise BadRequest(f"cannot unpack the body: {error}", code="bad_encoding") from None

    return unpack, lambda: bool(state.eof)
