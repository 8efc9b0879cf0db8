"""An `Export…ServiceRequest` in two halves, for a server that takes only smaller ones.

The messages of spans, log records and metrics have one shape: a request of resources (1), each with its resource (1)
and its scopes (2), each with its scope (1) and its items (2), and addresses of schemas (3). Only these levels are read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from midwatch.sdk.wire.protobuf import FIXED32, FIXED64, LENGTH, VARINT, delimited, tag

_ENTRY, _ITEMS = 1, 2
_OF_REQUEST, _SCOPE, _ITEM = tag(1, LENGTH), tag(2, LENGTH), tag(2, LENGTH)


@dataclass(frozen=True, slots=True)
class _Item:
    of_resource: bytes
    """All of its resource's entry but the scopes, encoded."""
    of_scope: bytes
    item: bytes


def halves(body: bytes) -> tuple[tuple[bytes, int], ...]:
    """Two requests that hold together what this one does, each with the number of its items.

    Empty where it holds fewer than two. Raises ValueError for what is no such request.
    """
    items = list(_items(body))
    if len(items) < 2:
        return ()
    middle = len(items) // 2
    return (_request(items[:middle]), middle), (_request(items[middle:]), len(items) - middle)


def _items(body: bytes) -> Iterator[_Item]:
    for number, entry, _ in _fields(body):
        if number == _ENTRY:
            scopes, of_resource = _split(entry)
            for scope in scopes:
                items, of_scope = _split(scope)
                yield from (_Item(of_resource, of_scope, item) for item in items)


def _split(message: bytes) -> tuple[list[bytes], bytes]:
    """What is repeated in it, and the rest."""
    parts = list(_fields(message))
    rest = b"".join(whole for number, _, whole in parts if number != _ITEMS)
    return [content for number, content, _ in parts if number == _ITEMS], rest


def _request(items: Sequence[_Item]) -> bytes:
    entries = []
    for of_resource, of_one in groupby(items, key=lambda one: one.of_resource):
        scopes = []
        for of_scope, group in groupby(of_one, key=lambda one: one.of_scope):
            scopes.append(delimited(_SCOPE, of_scope + b"".join(delimited(_ITEM, one.item) for one in group)))
        entries.append(delimited(_OF_REQUEST, of_resource + b"".join(scopes)))
    return b"".join(entries)


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, content where it is length-delimited, and all of each field with its tag."""
    at, end = 0, len(message)
    while at < end:
        key, content_at = _varint(message, at)
        number, wire_type = key >> 3, key & 7
        if wire_type == LENGTH:
            length, content_at = _varint(message, content_at)
            next_at = content_at + length
        elif wire_type == VARINT:
            _, next_at = _varint(message, content_at)
        elif wire_type in (FIXED32, FIXED64):
            next_at = content_at + (4 if wire_type == FIXED32 else 8)
        else:
            raise ValueError(f"cannot read a field of wire type {wire_type}")
        if next_at > end:
            raise ValueError("cannot read a field that is longer than its message")
        content = message[content_at:next_at] if wire_type == LENGTH else b""
        yield number, content, message[at:next_at]
        at = next_at


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
    raise ValueError("cannot read a varint that does not end")
