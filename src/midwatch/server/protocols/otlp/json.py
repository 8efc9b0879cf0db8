"""OTLP/JSON → OTLP protobuf (opentelemetry-proto `docs/specification.md`, "JSON Protobuf Encoding").

Differences from plain proto3 JSON: trace and span ids are hexadecimal, enums are numbers, unknown fields are ignored.
Names are taken in lowerCamelCase and as in the .proto files, enums also by name, 64-bit integers as numbers and text.
"""

import binascii
import json
import re
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import EncodeError, Message

DEPTH_MAX = 64
"""Levels of objects and arrays. Protobuf takes 100 levels of messages, and each takes up to three here."""
MESSAGE_CHARACTERS_MAX = 500
_IDS = frozenset({"traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"})

_HEX = re.compile("[0-9a-fA-F]*")


class BadJson(Exception):
    """The body is not OTLP/JSON; the message says where."""


def to_message(body: bytes, message: Message) -> bytes:
    """Fill a request message from its JSON; returns it as protobuf.

    Raises:
        BadJson: syntax, a wrong type, or nested too deeply.
    """
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadJson(f"expected JSON: {error or 'nested too deeply'}") from None
    if not isinstance(parsed, dict):
        raise BadJson(f"expected an object, found {type(parsed).__name__}")
    converted = _converted(parsed, "", 0)
    try:
        json_format.ParseDict(converted, message, ignore_unknown_fields=True)
        return message.SerializeToString()
    # What ParseDict raises besides its own error depends on the type that stood in the wrong place.
    except (json_format.ParseError, EncodeError, RecursionError, ValueError, TypeError, AttributeError) as error:
        raise BadJson((str(error) or type(error).__name__)[:MESSAGE_CHARACTERS_MAX]) from None


def from_message(message: Message) -> bytes:
    return json_format.MessageToJson(message, indent=None).encode()


def _converted(value: Any, path: str, depth: int) -> Any:
    """The same with ids in base64, as protobuf's JSON reader wants bytes."""
    if depth > DEPTH_MAX:
        raise BadJson(f"{path[:200].lstrip('.')}: nested deeper than {DEPTH_MAX} levels")
    if isinstance(value, list):
        return [_converted(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    converted = {}
    for name, item in value.items():
        if name in _IDS and isinstance(item, str):
            converted[name] = _base64_id(item, f"{path}.{name}")
        elif isinstance(item, dict | list):
            converted[name] = _converted(item, f"{path}.{name}", depth + 1)
        else:
            converted[name] = item
    return converted


def _base64_id(text: str, path: str) -> str:
    """An id of an odd number of digits is of a wrong length, like one of too many: its digits go on as they are."""
    if _HEX.fullmatch(text) is None:
        raise BadJson(f"{path.lstrip('.')}={text[:40]!r}: expected hexadecimal digits")
    odd = text.encode() if text.strip("0") else b""
    return binascii.b2a_base64(odd if len(text) % 2 else binascii.unhexlify(text), newline=False).decode()
