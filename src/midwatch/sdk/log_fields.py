"""The fields of a line: what may leave of each, as a value for the line and encoded for the record that is sent.

Most fields of an app's lines come again: the same key with the same short text. What was found out about such a pair is
remembered, so that one look into a dictionary is all that it costs; of numbers, what was found out about their key.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from midwatch.contract.redaction.values import Redactor
from midwatch.sdk.wire.attributes import double_field, int_fields, key_value, text_field
from midwatch.sdk.wire.logs import ATTRIBUTE
from midwatch.sdk.wire.protobuf import delimited, varint

KNOWN_MAX = 4096
"""Pairs, and keys; when there are more, all are found out anew. At most 2 MB."""
KNOWN_CHARACTERS_MAX = 64
_INT_END = 1 << 63
_double = struct.Struct("<d").pack


class LogFields:
    """Of the lines of one pipe; any thread may use it."""

    def __init__(self, clean: Redactor, reserved: Iterable[str]) -> None:
        """`reserved` are keys that every line has already."""
        self._clean = clean
        self._reserved = frozenset(reserved)
        self._texts: dict[tuple[str, str], bytes] = {}
        """Encoded fields."""
        self._plain: dict[str, Callable[[str], bytes]] = {}
        """What writes texts, of keys of which nothing is known: by themselves they make nothing private."""
        self._floats: dict[str, bytes] = {}
        """All of an encoded field but the number, of the same keys."""
        self._ints: dict[str, tuple[bytes, ...]] = {}
        """The same by how many bytes the number takes."""

    def put(self, attributes: dict[str, Any], encoded: list[bytes], fields: Mapping[str, Any]) -> bool:
        """Add what may leave of `fields` to both.

        False where a key was there before, or is one of the line's own: then `encoded` is of no use.
        """
        texts, apart = self._texts, True
        for key, value in fields.items():
            kind = type(value)
            if key in attributes:
                apart = False
            if kind is str:
                found = texts.get((key, value)) if len(value) <= KNOWN_CHARACTERS_MAX else None
                if found is not None:
                    attributes[key] = value
                    encoded.append(found)
                    continue
                write = self._plain.get(key)
                if write is not None:
                    attributes[key] = cleaned = self._clean.text(value)
                    encoded.append(write(cleaned))
                    if cleaned is value:
                        self._remember_text(key, value, encoded[-1])
                    continue
            elif kind is int:
                prefixes = self._ints.get(key)
                if prefixes is not None and 0 <= value < _INT_END:
                    number = varint(value)
                    attributes[key] = value
                    encoded.append(prefixes[len(number)] + number)
                    continue
            elif kind is float:
                prefix = self._floats.get(key)
                if prefix is not None:
                    attributes[key] = value
                    encoded.append(prefix + _double(value))
                    continue
            apart &= self._find_out(attributes, encoded, key, value)
        return apart

    def _find_out(self, attributes: dict[str, Any], encoded: list[bytes], key: str, value: Any) -> bool:
        told: dict[str, Any] = {}
        self._clean.put(told, {key: value})
        apart = True
        # One, or none where nothing is told of it.
        for shown, cleaned in told.items():
            apart = shown not in self._reserved and (shown == key or shown not in attributes)
            attributes[shown] = cleaned
            if cleaned is None:
                continue
            field = delimited(ATTRIBUTE, key_value(shown, cleaned))
            encoded.append(field)
            if apart and shown == key and cleaned is value:
                self._remember(key, value, field)
        return apart

    def _remember(self, key: str, value: Any, field: bytes) -> None:
        if type(value) is str:
            self._remember_text(key, value, field)
        if len(self._plain) < KNOWN_MAX and self._clean.is_plain(key):
            self._plain[key] = text_field(ATTRIBUTE, key)
            self._floats[key] = double_field(ATTRIBUTE, key)
            self._ints[key] = int_fields(ATTRIBUTE, key)

    def _remember_text(self, key: str, text: str, field: bytes) -> None:
        if len(text) <= KNOWN_CHARACTERS_MAX:
            if len(self._texts) >= KNOWN_MAX:
                self._texts.clear()
            self._texts[key, text] = field
