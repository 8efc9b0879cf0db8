"""What each door checks of a body. Plain functions of modules, so that another process can run them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from midwatch.server.model.errors import BadRequest
from midwatch.server.protocols.loki.messages import BadPush, checked
from midwatch.server.protocols.loki.push_json import to_message as push_message
from midwatch.server.protocols.ndjson.lines import BadLines, all_have_times, count_lines, is_probe, to_lines
from midwatch.server.protocols.otlp.json import BadJson, to_message
from midwatch.server.protocols.otlp.messages import KINDS, BadMessage, OtlpKind, count_items

PROTOBUF_BYTES_MAX = 1 << 20
"""Checked on the event loop up to this (about 4 ms); protobuf's parser holds the interpreter while it works."""
JSON_BYTES_MAX = 32 << 10
"""The same for JSON, which costs Python some 0.3 µs a byte."""
LINES_BYTES_MAX = 1 << 20
LOKI_JSON_BYTES_MAX = 128 << 10
"""A parser in C and a Python loop over the entries: about 10 ns a byte."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body that was checked: what is kept of it, and how many items it has."""

    content: bytes | None
    """None: as it came."""
    items: int
    retry_is_copy: bool = True
    """False where the same bytes again may be another event and not a sender's retry."""
    refused: str = ""
    """Why a part of it is not kept, where a door takes the rest."""
    receipt: object = None
    """What the door tells its sender of it; handed on as it is."""


@dataclass(frozen=True, slots=True)
class Check:
    """How a door reads a body."""

    run: Callable[[bytes], Body]
    """Pure and picklable. Raises BadRequest."""
    inline_bytes_max: int
    """Above this it runs in another process."""
    empty_is_request: bool = False
    """True where no bytes at all are a whole request (gRPC)."""


def otlp_protobuf(index: int, raw: bytes) -> Body:
    """Syntax, UTF-8 and depth by the C parser."""
    try:
        return Body(None, count_items(KINDS[index], raw))
    except BadMessage as error:
        raise BadRequest(f"cannot read the body: {error}") from None


def otlp_json(index: int, raw: bytes) -> Body:
    """JSON is converted before the log, which holds protobuf only."""
    otlp = KINDS[index]
    try:
        encoded = to_message(raw, otlp.request())
        return Body(encoded, count_items(otlp, encoded))
    except (BadJson, BadMessage) as error:
        raise BadRequest(f"cannot read the body as OTLP/JSON: {error}") from None


def ndjson(raw: bytes, *, is_json: bool = False) -> Body:
    try:
        lines = to_lines(raw, is_json=is_json)
    except BadLines as error:
        raise BadRequest(f"cannot read the body: {error}") from None
    content = None if lines is raw else lines
    if is_probe(lines):
        return Body(content, 0)
    return Body(content, count_lines(lines), retry_is_copy=all_have_times(lines))


def loki_protobuf(raw: bytes) -> Body:
    """Syntax and UTF-8 by the C parser; of a stream only its labels are looked at."""
    try:
        content, entries = checked(raw)
    except BadPush as error:
        raise BadRequest(f"cannot read the body: {error}") from None
    return Body(content, entries)


def loki_json(raw: bytes) -> Body:
    """JSON is converted before the log, which holds protobuf only."""
    try:
        content, entries = push_message(raw)
    except BadPush as error:
        raise BadRequest(f"cannot read the body: {error}") from None
    return Body(content, entries)


def otlp_check(otlp: OtlpKind, *, json: bool, empty_is_request: bool = False) -> Check:
    """The check of one request in one encoding."""
    if json:
        return Check(partial(otlp_json, KINDS.index(otlp)), JSON_BYTES_MAX)
    return Check(partial(otlp_protobuf, KINDS.index(otlp)), PROTOBUF_BYTES_MAX, empty_is_request)


NDJSON_CHECK = Check(ndjson, LINES_BYTES_MAX)
JSON_LINES_CHECK = Check(partial(ndjson, is_json=True), LINES_BYTES_MAX)
LOKI_PROTOBUF_CHECK = Check(loki_protobuf, PROTOBUF_BYTES_MAX)
LOKI_JSON_CHECK = Check(loki_json, LOKI_JSON_BYTES_MAX)
