"""Frames: how a body lies in a segment (see `server/model/segments.py`), read and written without touching items."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import xxhash

from midwatch.server.model.signal import SegmentKind

FRAME_BYTES_MAX = 80 << 20
"""A body after decompression (64 MiB) and its header."""
_CRC_TAG = b"\x7d"
_LINES = (
    SegmentKind.NDJSON_LOGS,
    SegmentKind.ERROR_EVENTS,
    SegmentKind.PRODUCT_EVENTS,
    SegmentKind.DOMAIN_EVENTS,
)
_BODY_TAGS = dict.fromkeys(_LINES, b"\x5a")
_REQUEST_TAG = b"\x52"
VIA_BYTES_MAX = 192
_HEADER_BYTES_MAX = 1024
_LENGTH_BYTES_MAX = 5
_FRAME_START = re.compile(rb"\x7d(?=.{4}\x08)", re.DOTALL)
"""CRC and the tag of `project`, which stands first in every frame that we write."""


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What is said about a body beside the body."""

    project: int
    key_id: str
    environment: str
    received_ns: int
    digest: bytes
    via: str = ""
    """Names of the Midwatch servers that forwarded it, joined by commas."""


def digest_of(kind: SegmentKind, key_id: str, body: bytes | memoryview) -> bytes:
    """16 bytes that are the same when a sender sends the same again with the same key.

    XXH3-128 is no cryptographic hash: whoever wanted to have another's body taken for a retry would have to know that
    body, with its random ids, before it is sent. BLAKE2b was a fifth of the server's time.
    """
    state = xxhash.xxh3_128(f"{kind}\0{key_id}\0".encode())
    state.update(body)
    return state.digest()


def encode_frame(kind: SegmentKind, header: FrameHeader, body: bytes | memoryview) -> list[bytes | memoryview]:
    """The parts of a frame, to be written one after another; the body is not copied."""
    key_id, environment = header.key_id.encode()[:256], header.environment.encode()[:512]
    via = header.via.encode()[:VIA_BYTES_MAX]
    fields = b"".join(
        (
            b"\x08" + _varint(header.project),
            b"\x12" + _varint(len(key_id)) + key_id,
            b"\x1a" + _varint(len(environment)) + environment,
            b"\x21" + header.received_ns.to_bytes(8, "little"),
            b"\x2a" + _varint(len(header.digest)) + header.digest,
            b"\x32" + _varint(len(via)) + via if via else b"",
            _BODY_TAGS.get(kind, _REQUEST_TAG) + _varint(len(body)),
        )
    )
    crc = zlib.crc32(body, zlib.crc32(fields))
    size = len(_CRC_TAG) + 4 + len(fields) + len(body)
    return [_varint(size) + _CRC_TAG + crc.to_bytes(4, "little") + fields, body]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a segment: a whole frame, or bytes that are none."""

    start: int
    end: int
    intact: bool


def scan(data: memoryview) -> Iterator[Span]:
    """Walk a segment frame by frame, checking each frame's CRC.

    Behind bytes that are no frame the walk goes on at the next whole frame, wherever it begins: one flipped bit, in a
    body or in a length, costs one frame.
    """
    position = 0
    while position < len(data):
        end = _frame_end(data, position)
        if end is not None and _intact(data, position, end):
            yield Span(position, end, intact=True)
            position = end
            continue
        following = _next_frame(data, position + 1)
        yield Span(position, following, intact=False)
        position = following


def _next_frame(data: memoryview, position: int) -> int:
    """Where the next whole frame begins; the end of the data when there is none."""
    for mark in _FRAME_START.finditer(data, position):
        for start in range(max(position, mark.start() - _LENGTH_BYTES_MAX), mark.start()):
            try:
                _, behind_length = _read_varint(data, start)
            except IndexError:
                continue
            end = _frame_end(data, start) if behind_length == mark.start() else None
            if end is not None and _intact(data, start, end):
                return start
    return len(data)


def read_header(data: memoryview, span: Span) -> tuple[str, bytes, int]:
    """Key id, digest (empty where a repeat may be another event) and received time of an intact frame."""
    header, _ = read_frame(data, span)
    return header.key_id, header.digest, header.received_ns


def read_frame(data: memoryview, span: Span) -> tuple[FrameHeader, memoryview]:
    """An intact frame's header and body."""
    _, position = _read_varint(data, span.start)
    position += 5
    numbers, texts = {1: 0, 4: 0}, {2: b"", 3: b"", 5: b"", 6: b""}
    body = data[span.end : span.end]
    while position < span.end:
        tag, position = _read_varint(data, position)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            numbers[field], position = _read_varint(data, position)
        elif wire == 1:
            numbers[field] = int.from_bytes(data[position : position + 8], "little")
            position += 8
        else:
            size, position = _read_varint(data, position)
            if field >= 10:
                body = data[position : position + size]
                break
            texts[field] = bytes(data[position : position + size])
            position += size
    key_id, environment, via = (texts[field].decode(errors="replace") for field in (2, 3, 6))
    return FrameHeader(numbers[1], key_id, environment, numbers[4], texts[5], via), body


def _frame_end(data: memoryview, position: int) -> int | None:
    try:
        size, start = _read_varint(data, position)
    except IndexError:
        return None
    if not 5 <= size <= FRAME_BYTES_MAX + _HEADER_BYTES_MAX or start + size > len(data):
        return None
    return start + size


def _intact(data: memoryview, position: int, end: int) -> bool:
    _, start = _read_varint(data, position)
    if bytes(data[start : start + 1]) != _CRC_TAG:
        return False
    return zlib.crc32(data[start + 5 : end]) == int.from_bytes(data[start + 1 : start + 5], "little")


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _read_varint(data: memoryview, position: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
        shift += 7
        if shift > 63:
            raise IndexError("varint")
