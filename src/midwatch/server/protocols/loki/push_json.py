"""Loki's JSON push → its protobuf: `{"streams": [{"stream": {…}, "values": [["<ns>", "line", {…}], …]}]}`."""

from typing import Any

import orjson

from midwatch.server.protocols.loki.labels import BadLabels, check, text_of
from midwatch.server.protocols.loki.messages import BadPush, PushRequest

_SECONDS_MAX = 1 << 40
"""What a time may be, in seconds: far outside of what is stored, far inside of what protobuf's field holds."""


def to_message(body: bytes) -> tuple[bytes, int]:
    """The request as protobuf, and its entries' number.

    Raises:
        BadPush: not JSON, or not this JSON; the message says where.
    """
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadPush(f"expected JSON: {error}") from None
    streams = parsed.get("streams") if isinstance(parsed, dict) else None
    if not isinstance(streams, list):
        raise BadPush('expected {"streams": [{"stream": {…}, "values": [["<nanoseconds>", "line"], …]}, …]}')
    request = PushRequest()
    entries = sum(_stream(request, stream, f"streams[{index}]") for index, stream in enumerate(streams))
    try:
        return request.SerializeToString(), entries
    except (ValueError, UnicodeEncodeError) as error:
        raise BadPush(f"cannot keep the text: {error}") from None


def _stream(request: Any, stream: Any, where: str) -> int:
    if not isinstance(stream, dict):
        raise BadPush(f"{where}: expected an object with stream and values")
    labels, values = stream.get("stream"), stream.get("values", [])
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise BadPush(f"{where}.stream: expected an object of label names and texts")
    if not isinstance(values, list):
        raise BadPush(f'{where}.values: expected an array of ["<nanoseconds>", "line"]')
    try:
        check(labels)
    except BadLabels as error:
        raise BadPush(f"{where}.stream: {error}") from None
    kept = request.streams.add(labels=text_of(labels))
    for index, value in enumerate(values):
        _entry(kept, value, f"{where}.values[{index}]")
    return len(values)


def _entry(stream: Any, value: Any, where: str) -> None:
    if not isinstance(value, list) or not 2 <= len(value) <= 3 or not isinstance(value[1], str):
        raise BadPush(f'{where}: expected ["<nanoseconds>", "line"] or ["<nanoseconds>", "line", {{…}}]')
    try:
        nanoseconds = int(value[0]) if isinstance(value[0], str) else -1
    except ValueError:
        nanoseconds = -1
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    if not 0 <= seconds <= _SECONDS_MAX:
        raise BadPush(f"{where}[0]={str(value[0])[:40]!r}: expected nanoseconds since 1970, as a string of digits")
    entry = stream.entries.add(line=value[1])
    entry.timestamp.seconds, entry.timestamp.nanos = seconds, rest
    for name, text in (_metadata(value[2], where) if len(value) == 3 else {}).items():
        entry.structured_metadata.add(name=name, value=text)


def _metadata(found: Any, where: str) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadPush(f"{where}[2]: expected an object of names and texts (structured metadata)")
    return found
