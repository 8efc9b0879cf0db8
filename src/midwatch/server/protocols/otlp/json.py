"""OTLP/JSON → OTLP protobuf (opentelemetry-proto `docs/specification.md`, "JSON Protobuf Encoding").

Differences from plain proto3 JSON: trace and span ids are hexadecimal, enums are numbers, unknown fields are ignored.
"""

import binascii
import json
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

DEPTH_MAX = 64
_ID_BYTES = {"traceId": 16, "spanId": 8, "parentSpanId": 8, "trace_id": 16, "span_id": 8, "parent_span_id": 8}


class BadJson(Exception):
    """The body is not OTLP/JSON; the message says where."""


def to_message(body: bytes, message: Message) -> None:
    """Fill a request message from its JSON.

    Raises:
        BadJson: syntax, a wrong type, or nested too deeply.
    """
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadJson(f"expected JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise BadJson(f"expected an object, found {type(parsed).__name__}")
    try:
        json_format.ParseDict(_converted(parsed, "", 0), message, ignore_unknown_fields=True)
    except (json_format.ParseError, RecursionError) as error:
        raise BadJson(str(error)[:500]) from None


def from_message(message: Message) -> bytes:
    return json_format.MessageToJson(message, indent=None).encode()


def _converted(value: Any, path: str, depth: int) -> Any:
    """The same with ids in base64, as protobuf's JSON reader wants bytes."""
    if depth > DEPTH_MAX:
        raise BadJson(f"{path}: nested deeper than {DEPTH_MAX}")
    if isinstance(value, list):
        return [_converted(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    converted = {}
    for name, item in value.items():
        if name in _ID_BYTES and isinstance(item, str):
            converted[name] = _base64_id(item, f"{path}.{name}")
        else:
            converted[name] = _converted(item, f"{path}.{name}", depth + 1)
    return converted


def _base64_id(text: str, path: str) -> str:
    try:
        return binascii.b2a_base64(bytes.fromhex(text), newline=False).decode()
    except ValueError:
        raise BadJson(f"{path.lstrip('.')}={text[:40]!r}: expected hexadecimal digits") from None
