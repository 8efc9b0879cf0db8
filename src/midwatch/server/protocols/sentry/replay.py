"""Sentry's items `replay_event` and `replay_recording`: what is recorded of a visit, a few seconds at a time.

A recording is a line of JSON headers and a JSON array of rrweb's events, compressed by zlib or plain
(develop.sentry.dev/sdk/telemetry/replays).
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from midwatch.server.protocols.sentry.reading import identifier, object_of, time_ns

SEGMENT_BYTES_MAX = 10 << 20
"""Of a recording as it is sent; what SDKs are refused beyond elsewhere, too."""
UNPACKED_BYTES_MAX = 40 << 20
EVENTS_MAX = 50_000
HEADER_BYTES_MAX = 16 << 10
SEGMENT_MAX = 9_999
LIST_MAX = 100
"""Addresses, errors and traces of one segment that are kept."""
TEXT_MAX = 500
_ID_BYTES = 16
_SECONDS_BELOW = 1e11
"""What is less is no time in milliseconds of this century: Sentry's spans have seconds where rrweb has milliseconds."""
_TYPE_MAX = 6
"""Of rrweb's events: the newest kind is that of plugins."""


class BadReplay(ValueError):
    """What is wrong with a segment; the same one is never kept later."""


@dataclass(frozen=True, slots=True)
class ReplayEvent:
    """What a segment says of itself."""

    replay_id: str
    segment: int
    started_ms: int
    """Of the replay."""
    at_ms: int
    is_buffer: bool
    """Kept by the browser until an error happened, and sent from then on."""
    urls: tuple[str, ...]
    error_ids: tuple[str, ...]
    trace_ids: tuple[str, ...]
    user: Mapping[str, str]
    """Of `id`, `email`, `username`, `ip_address` those that are sent."""
    release: str
    environment: str
    sdk: str
    user_agent: str
    contexts: Mapping[str, Any]


def read_event(value: Mapping[str, Any]) -> ReplayEvent:
    """Raises BadReplay."""
    at_ms = _time_ms(value, "timestamp")
    started_ms = _time_ms(value, "replay_start_timestamp") if value.get("replay_start_timestamp") is not None else at_ms
    sdk = object_of(value, "sdk")
    return ReplayEvent(
        replay_id=_replay_id(value),
        segment=_segment(value.get("segment_id"), "segment_id"),
        started_ms=min(started_ms, at_ms),
        at_ms=at_ms,
        is_buffer=value.get("replay_type") == "buffer",
        urls=_texts(value, "urls"),
        error_ids=_ids(value, "error_ids"),
        trace_ids=_ids(value, "trace_ids"),
        user=_user(object_of(value, "user")),
        release=_text(value, "release"),
        environment=_text(value, "environment"),
        sdk=f"{_text(sdk, 'name')} {_text(sdk, 'version')}".strip(),
        user_agent=_user_agent(object_of(value, "request", "headers")),
        contexts=object_of(value, "contexts"),
    )


def read_recording(payload: bytes) -> tuple[int, list[dict[str, Any]]]:
    """The segment's number and its events, whose times are milliseconds, in their order.

    Raises:
        BadReplay: too large, cut off, no JSON, or not what rrweb writes; the message says which.
    """
    if len(payload) > SEGMENT_BYTES_MAX:
        raise BadReplay(f"a recording of {len(payload):,} bytes: expected at most {SEGMENT_BYTES_MAX:,}")
    line, newline, body = payload.partition(b"\n")
    if not newline or len(line) > HEADER_BYTES_MAX:
        raise BadReplay("expected a line of JSON headers before the recording")
    headers = _loaded(line, "the headers of the recording")
    if not isinstance(headers, dict):
        raise BadReplay("the headers of the recording: expected a JSON object")
    events = _loaded(_unpacked(body), "the recording")
    if not isinstance(events, list):
        raise BadReplay("the recording: expected a JSON array of events")
    if len(events) > EVENTS_MAX:
        raise BadReplay(f"a recording of {len(events):,} events: expected at most {EVENTS_MAX:,}")
    for at, event in enumerate(events):
        _check(event, at)
    events.sort(key=_time_of)
    return _segment(headers.get("segment_id"), "segment_id of the recording"), events


def _unpacked(body: bytes) -> bytes:
    if body[:1] in (b"[", b"{", b" ", b"\n", b""):
        if len(body) > UNPACKED_BYTES_MAX:  # unreachable below SEGMENT_BYTES_MAX, which may be raised
            raise _bomb()
        return body
    unpacking = zlib.decompressobj()
    try:
        unpacked = unpacking.decompress(body, UNPACKED_BYTES_MAX)
    except zlib.error as error:
        raise BadReplay(f"the recording: cannot unpack it: {error}") from None
    if unpacking.unconsumed_tail:
        raise _bomb()
    if not unpacking.eof:
        raise BadReplay("the recording is cut off: its compressed bytes have no end")
    return unpacked


def _bomb() -> BadReplay:
    return BadReplay(f"the recording: expected at most {UNPACKED_BYTES_MAX:,} bytes when it is unpacked")


def _check(event: Any, at: int) -> None:
    if not isinstance(event, dict):
        raise BadReplay(f"event {at} of the recording: expected a JSON object")
    kind, time = event.get("type"), event.get("timestamp")
    if isinstance(kind, bool) or not isinstance(kind, int) or not 0 <= kind <= _TYPE_MAX:
        raise BadReplay(f"type of event {at} of the recording: expected a whole number from 0 to {_TYPE_MAX}")
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0 < time < 1e14:
        raise BadReplay(f"timestamp of event {at} of the recording: expected milliseconds")
    event["timestamp"] = round(time * 1000 if time < _SECONDS_BELOW else time)


def _time_of(event: dict[str, Any]) -> int:
    return int(event["timestamp"])


def _loaded(content: bytes, what: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadReplay(f"{what}: expected JSON: {error}") from None


def _replay_id(value: Mapping[str, Any]) -> str:
    found = identifier(value.get("replay_id"), _ID_BYTES)
    if not found:
        raise BadReplay("replay_id: expected a UUID")
    return found.hex()


def _segment(found: Any, name: str) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= SEGMENT_MAX:
        raise BadReplay(f"{name}: expected a whole number from 0 to {SEGMENT_MAX}")
    return found


def _time_ms(value: Mapping[str, Any], name: str) -> int:
    found = time_ns(value.get(name))
    if found is None:
        raise BadReplay(f"{name}: expected seconds since the epoch")
    return round(found / 10**6)


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found.replace("\0", "")[:TEXT_MAX].strip() if isinstance(found, str) else ""


def _texts(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = value.get(name)
    if not isinstance(found, list):
        return ()
    texts = (one.replace("\0", "")[:TEXT_MAX] for one in found[:LIST_MAX] if isinstance(one, str))
    return tuple(dict.fromkeys(text for text in texts if text))


def _ids(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = (identifier(one, _ID_BYTES) for one in _texts(value, name))
    return tuple(dict.fromkeys(one.hex() for one in found if one))


def _user(sent: Mapping[str, Any]) -> Mapping[str, str]:
    found = {}
    for name in ("id", "email", "username", "ip_address"):
        value = sent.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and (text := value.replace("\0", "").strip()[:TEXT_MAX]) and text != "{{auto}}":
            found[name] = text
    return found


def _user_agent(headers: Mapping[str, Any]) -> str:
    for name, value in headers.items():
        if name.lower() == "user-agent" and isinstance(value, str):
            return value.replace("\0", "")[:1000]
    return ""
