"""Private values out of OTLP messages, by the keys that the store removes them by.

A message of which no key is private costs no Python per item: protobuf's C code writes it in its canonical order, in
which a key that has a value is followed by the value's tag, and a regular expression finds whether such a key may be
among the bytes. Only a message where one may be is walked.
"""

from collections.abc import Iterable
from functools import cache

import re2  # type: ignore[import-untyped]
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from midwatch.contract.privacy import REMOVED, deny_pattern, words

_KEY_VALUE = "opentelemetry.proto.common.v1.KeyValue"
_VALUE_TAG = rb"\x12"
_FOLDED = (b"\xe2\x84\xaa", b"\xc5\xbf")
"""The letters beyond ASCII that are k and s without regard to case (KELVIN SIGN, LONG S)."""


class Denied:
    """The keys of one denylist."""

    def __init__(self, entries: Iterable[str]) -> None:
        entries = tuple(entries)
        self._any = bool(entries)
        self._key = re2.compile(deny_pattern(entries))
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        anywhere = "|".join(r"[ ._-]?".join(words(entry)) for entry in entries)
        self._bytes = re2.compile(rf"(?i)(?:{anywhere})[\W\d]*".encode() + _VALUE_TAG, options)

    def maybe(self, content: bytes) -> bool:
        """False only where no key of the message, as protobuf writes it, is one of these."""
        if not self._any:
            return False
        return self._bytes.search(content) is not None or any(letter in content for letter in _FOLDED)

    def remove(self, message: Message) -> int:
        """Put `[removed]` in place of the values of these keys, however deep; returns of how many."""
        known: dict[str, bool] = {}

        def denied(key: str) -> bool:
            if (found := known.get(key)) is None:
                found = known[key] = self._key.search(key) is not None
            return found

        def walk(inner: Message) -> int:
            if inner.DESCRIPTOR.full_name == _KEY_VALUE and denied(inner.key):  # type: ignore[attr-defined]
                inner.value.string_value = REMOVED  # type: ignore[attr-defined]
                return 1
            count = 0
            for name, repeated in _leading_to_keys(inner.DESCRIPTOR):
                if repeated:
                    for one in getattr(inner, name):
                        count += walk(one)
                elif inner.HasField(name):
                    count += walk(getattr(inner, name))
            return count

        return walk(message)


@cache
def denied_keys(entries: tuple[str, ...]) -> Denied:
    return Denied(entries)


@cache
def _leading_to_keys(descriptor: Descriptor) -> tuple[tuple[str, bool], ...]:
    """Fields below which there may be keys, and whether they are repeated."""
    return tuple(
        (field.name, field.is_repeated)
        for field in descriptor.fields
        if field.message_type is not None and _has_keys(field.message_type, frozenset())
    )


def _has_keys(descriptor: Descriptor, above: frozenset[str]) -> bool:
    if descriptor.full_name == _KEY_VALUE:
        return True
    inner = [field.message_type for field in descriptor.fields if field.message_type is not None]
    above |= {descriptor.full_name}
    return any(_has_keys(one, above) for one in inner if one.full_name not in above)
