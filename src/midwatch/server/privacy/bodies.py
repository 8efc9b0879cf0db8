"""Bodies of the write-ahead log that could not be stored, without what is private in them: for the dead letters.

What cannot be read is left out: nobody could look for private values in it. The facts of the letter say so.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson
from google.protobuf.message import DecodeError, Message

from midwatch.contract.privacy import REMOVED
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.contract.redaction.said import LEFT_OUT
from midwatch.server.model.signal import SegmentKind
from midwatch.server.privacy import messages
from midwatch.server.privacy.error_events import scrub
from midwatch.server.privacy.scrubber import Scrubber
from midwatch.server.protocols.loki.messages import PushRequest
from midwatch.server.protocols.otlp.messages import KINDS
from midwatch.server.protocols.prometheus.messages import VERSION_1
from midwatch.server.protocols.sentry.envelope import BadEnvelope, Item, read_envelope, write_envelope
from midwatch.server.wal.frames import encode_frame, read_frame, scan

_REQUESTS: dict[SegmentKind, type[Message]] = {
    **{otlp.kind: otlp.request for otlp in KINDS},
    SegmentKind.REMOTE_WRITE: VERSION_1.request,
    SegmentKind.LOKI_LOGS: PushRequest,
}
_TEXT_KEYS = frozenset({"body", "text"})
"""Of a line of a log: what it says, which is read for what values look like."""
_ID_KEYS = {
    SegmentKind.PRODUCT_EVENTS: frozenset({"d", "l"}),
    SegmentKind.DOMAIN_EVENTS: frozenset({"id", "entity_id", "actor_id", "correlation_id"}),
}
"""Of a line: what tells people and entities apart (see `cells.IDS`)."""
_PLAIN_ITEMS = frozenset({"attachment", "profile", "profile_chunk", "replay_recording", "replay_video"})
"""Of an envelope: files, of which those that are text are read."""


class _UnreadError(Exception):
    """The body is none of its kind."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A letter's frames as they may be kept."""

    frames: bytes
    error: str
    unread_bytes: int
    """Of bodies that nobody can read, and of damaged stretches: left out."""


class Parking:
    """Makes what may be kept of what could not be stored. `policy`: the rules in force."""

    def __init__(self, policy: Callable[[], PrivacyPolicy], *, keeps_unread: bool = False) -> None:
        """`keeps_unread`: letters are encrypted, and so a place like the log itself."""
        self._policy, self._keeps_unread = policy, keeps_unread

    def __call__(self, content: bytes, kind: SegmentKind, error: str) -> Parked:
        """In a thread: it takes some microseconds an item."""
        policy = self._policy()
        if not policy.is_on:
            return Parked(content, error, 0)
        scrubber = Scrubber(policy)
        frames, unread = bytearray(), 0
        data = memoryview(content)
        for span in scan(data):
            sent = data[span.start : span.end]
            if not span.intact:
                frames += sent if self._keeps_unread else b""
                unread += len(sent)
                continue
            header, body = read_frame(data, span)
            try:
                told = _cleaned(policy, scrubber, kind, bytes(body))
            except _UnreadError:
                frames += sent if self._keeps_unread else b""
                unread += len(sent)
                continue
            frames += b"".join(bytes(part) for part in encode_frame(kind, header, told))
        left_out = 0 if self._keeps_unread else unread
        said = scrubber.text(error)
        if left_out:
            said += (
                f"\n{left_out:,} bytes of it are not kept: they cannot be read, so that nobody could look for private"
                " values in them. What its sender still has can be sent again."
            )
        return Parked(bytes(frames), said, left_out)


def _cleaned(policy: PrivacyPolicy, scrubber: Scrubber, kind: SegmentKind, body: bytes) -> bytes:
    """
    Raises:
        _UnreadError: it is none of its kind.
    """
    if (request := _REQUESTS.get(kind)) is not None:
        message = request()
        try:
            message.ParseFromString(body)
        except (DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise _UnreadError from error
        messages.clean(message, policy, kind.signal)
        return message.SerializeToString()
    if kind is SegmentKind.SENTRY:
        return _envelope(scrubber, body)
    if kind is SegmentKind.ERROR_EVENTS:
        return body  # of the digest, which has looked at it
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _UnreadError from error
    return "\n".join(_line(scrubber, kind, line) for line in text.split("\n")).encode()


def _line(scrubber: Scrubber, kind: SegmentKind, line: str) -> str:
    try:
        value = orjson.loads(line) if line.startswith("{") else None
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        return scrubber.text(line)
    ids = _ID_KEYS.get(kind, frozenset())
    told = {}
    for key, one in value.items():
        if isinstance(one, str) and key in ids:
            told[key] = scrubber.user_name(one) or REMOVED
        elif isinstance(one, str) and key in _TEXT_KEYS:
            told[key] = scrubber.text(one)
        elif (cleaned := scrubber.value(key, one)) is not LEFT_OUT:
            told[scrubber.text(key)] = cleaned
    return orjson.dumps(told).decode()


def _envelope(scrubber: Scrubber, body: bytes) -> bytes:
    try:
        envelope = read_envelope(body)
    except BadEnvelope as error:
        raise _UnreadError from error
    items = [
        replace(item, headers=_object(scrubber, item.headers), payload=_payload(scrubber, item))
        for item in envelope.items
    ]
    return write_envelope(_object(scrubber, envelope.headers), items)


def _object(scrubber: Scrubber, value: dict[str, Any]) -> dict[str, Any]:
    told = scrubber.value("", value)
    return told if isinstance(told, dict) else {}


def _payload(scrubber: Scrubber, item: Item) -> bytes:
    try:
        value = orjson.loads(item.payload)
    except orjson.JSONDecodeError:
        try:
            return scrubber.text(item.payload.decode()).encode() if item.type in _PLAIN_ITEMS else REMOVED.encode()
        except UnicodeDecodeError:
            return REMOVED.encode()
    if item.type == "event" and isinstance(value, dict):
        scrub(value, scrubber)
        return orjson.dumps(value)
    told = scrubber.value("", value)
    return b"{}" if told is LEFT_OUT else orjson.dumps(told)
