"""Attributes: `KeyValue` and `AnyValue` of opentelemetry-proto `common/v1/common.proto`."""

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AnySet
from typing import Any

from midwatch.contract.redaction.said import LEFT_OUT, safe_text
from midwatch.sdk.wire.protobuf import FIXED64, LENGTH, VARINT, delimited, double, signed, tag, text, varint

DEPTH_MAX = 8
"""Lists and maps further within than this become text."""
CACHE_TEXT_MAX = 31
"""Ids are longer, and each is another."""
CACHE_INT_MAX = 65536
KEYS_MAX = 1024
SIZES_MAX = 128
"""Bytes of a text under one key, for which is remembered what stands before it."""
CACHE_MAX = 8192
"""Pairs of short values repeat (methods, routes, hosts); what does not repeat is forgotten with the rest."""

_STRING, _BOOL, _INT = tag(1, LENGTH), tag(2, VARINT), tag(3, VARINT)
_DOUBLE, _ARRAY, _MAP, _BYTES = tag(4, FIXED64), tag(5, LENGTH), tag(6, LENGTH), tag(7, LENGTH)
_KEY, _VALUE, _ITEM = tag(1, LENGTH), tag(2, LENGTH), tag(1, LENGTH)
_TRUE, _FALSE = _BOOL + b"\x01", _BOOL + b"\x00"
_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1

Clean = Callable[[str, Any], Any]
"""What may leave the process of a value under that key; LEFT_OUT for nothing."""
CleanKey = Callable[[str], str]


def as_it_is(key: str) -> str:
    return key


class AttributeEncoder:
    """Writes attributes as the fields of one message; any thread may use it."""

    def __init__(self, clean: Clean, clean_key: CleanKey = as_it_is) -> None:
        self._clean = clean
        self._clean_key = clean_key
        self._known: dict[tuple[bytes, str, str | int], bytes] = {}
        self._texts: dict[tuple[bytes, str], Callable[[str], bytes]] = {}

    def fields(self, prefix: bytes, attributes: Mapping[str, Any]) -> list[bytes]:
        """Each attribute as a field with the tag `prefix`; values that are None are left out."""
        known, fields = self._known, []
        for key, value in attributes.items():
            kind = type(value)
            if (kind is str and len(value) <= CACHE_TEXT_MAX) or (kind is int and 0 <= value < CACHE_INT_MAX):
                found = known.get((prefix, key, value))
                if found is None:
                    found = self._field(prefix, key, value)
                    if len(known) >= CACHE_MAX:
                        known.clear()
                    known[prefix, key, value] = found
                fields.append(found)
            elif value is not None:
                fields.append(self._field(prefix, key, value))
        return fields

    def _field(self, prefix: bytes, key: str, value: Any) -> bytes:
        cleaned = self._clean(key, value)
        if type(cleaned) is str:
            write = self._texts.get((prefix, key))
            if write is None:
                write = text_field(prefix, self._clean_key(key))
                if len(self._texts) < KEYS_MAX:
                    self._texts[prefix, key] = write
            return write(cleaned)
        return b"" if cleaned is LEFT_OUT else delimited(prefix, key_value(self._clean_key(key), cleaned))


def key_value(key: str, value: Any) -> bytes:
    return delimited(_KEY, text(key)) + delimited(_VALUE, any_value(value))


def text_field(prefix: bytes, key: str) -> Callable[[str], bytes]:
    """What writes a text under that key as a field with the tag `prefix`: a fifth of what `key_value` costs."""
    named = delimited(_KEY, text(key)) + _VALUE
    before: dict[int, bytes] = {}
    """All but the text, by how long a short one is."""

    def field(value: str) -> bytes:
        try:
            encoded = value.encode()
        except UnicodeEncodeError:
            encoded = text(value)
        size = len(encoded)
        head = before.get(size)
        if head is None:
            in_value = varint(size)
            in_pair = varint(len(_STRING) + len(in_value) + size) + _STRING + in_value
            head = prefix + varint(len(named) + len(in_pair) + size) + named + in_pair
            if size < SIZES_MAX:
                before[size] = head
        return head + encoded

    return field


def double_field(prefix: bytes, key: str) -> bytes:
    """All of an attribute that is a float but its last eight bytes."""
    return _up_to_number(prefix, key, _DOUBLE, 8)


def int_fields(prefix: bytes, key: str) -> tuple[bytes, ...]:
    """All of an attribute that is an int but the varint at its end, by how many bytes that takes."""
    return tuple(_up_to_number(prefix, key, _INT, size) for size in range(11))


def _up_to_number(prefix: bytes, key: str, of_kind: bytes, size: int) -> bytes:
    body = delimited(_KEY, text(key)) + _VALUE + varint(len(of_kind) + size) + of_kind
    return prefix + varint(len(body) + size) + body


def any_value(value: Any) -> bytes:
    """Any Python value; what has no type of its own in OTLP is sent as its text.

    Lists and maps with others within are JSON text: stores of OTLP keep one level of a value apart, or none.
    """
    written = _plain(value)
    if written is None:
        members = _members(value)
        if members is None:
            return delimited(_STRING, text(safe_text(value)))
        if any(_members(one) is not None for one in members):
            return delimited(_STRING, text(json.dumps(_as_json(value), ensure_ascii=False, separators=(",", ":"))))
        return _nested(value)
    return written


def _plain(value: Any) -> bytes | None:
    match value:
        case str():
            return delimited(_STRING, text(value))
        case bool():
            return _TRUE if value else _FALSE
        case int():
            return _INT + signed(value) if _INT_MIN <= value <= _INT_MAX else None
        case float():
            return _DOUBLE + double(value)
        case bytes():
            return delimited(_BYTES, value)
    return b"" if value is None else None


def _members(value: Any) -> Sequence[Any] | None:
    """Of a list or a map; None for what is neither."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, Sequence | AnySet) and not isinstance(value, str | bytes):
        return list(value)
    return None


def _nested(value: Any) -> bytes:
    """A list or a map of plain values."""
    if isinstance(value, Mapping):
        pairs = (delimited(_KEY, text(str(k))) + delimited(_VALUE, any_value(v)) for k, v in value.items())
        return delimited(_MAP, b"".join(delimited(_ITEM, pair) for pair in pairs))
    return delimited(_ARRAY, b"".join(delimited(_ITEM, any_value(item)) for item in value))


def _as_json(value: Any, depth: int = 0) -> Any:
    """What `json` can write; numbers that JSON has not, and what is too far within, as text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else str(value)
        case bytes():
            return base64.b64encode(value).decode()
    members = _members(value) if depth < DEPTH_MAX else None
    if members is None:
        return safe_text(value)
    inner = [_as_json(one, depth + 1) for one in members]
    return dict(zip(map(str, value), inner, strict=True)) if isinstance(value, Mapping) else inner
