"""Label sets: sorted pairs of name and value, no empty values; hashable, so that rows can be found by them."""

from collections.abc import Iterable, Mapping

import xxhash

Labels = tuple[tuple[str, str], ...]

NAME = "__name__"
BUCKET = "le"
METADATA = frozenset({NAME, "__type__", "__unit__"})
"""What an operation that makes something else of a metric takes away."""
EMPTY: Labels = ()


def make(pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> Labels:
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return tuple(sorted((name, value) for name, value in items if value))


def get(labels: Labels, name: str) -> str:
    for key, value in labels:
        if key == name:
            return value
    return ""


def replaced(labels: Labels, changes: Mapping[str, str]) -> Labels:
    """With labels set; an empty value takes the label away."""
    return make({**dict(labels), **changes})


def keep(labels: Labels, names: frozenset[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] in names)


def drop(labels: Labels, names: frozenset[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] not in names)


def drop_metadata(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] not in METADATA)


def is_label_name(name: str) -> bool:
    """Any text but the empty one, as long as it is valid Unicode."""
    return bool(name) and not any("\ud800" <= character <= "\udfff" for character in name)


def is_legacy_name(name: str, *, metric: bool = False) -> bool:
    """Whether a name can stand without quotes."""
    extra = "_:" if metric else "_"
    return (
        bool(name)
        and not name[0].isdigit()
        and all(character.isascii() and (character.isalnum() or character in extra) for character in name)
    )


def show(labels: Labels) -> str:
    """As Prometheus writes label sets in messages."""
    from midwatch.server.promql.syntax.text import quote

    pairs = [f"{key if is_legacy_name(key) else quote(key)}={quote(value)}" for key, value in labels]
    return f"{{{', '.join(pairs)}}}"


def hash_of(labels: Labels) -> int:
    """64 bits, Prometheus's own over its packed form, so that both spread and pick the same series alike."""
    packed = bytearray()
    for pair in labels:
        for text in pair:
            data = text.encode("utf-8", "surrogateescape")
            size = len(data)
            packed += bytes([size]) if size < 255 else b"\xff" + size.to_bytes(3, "little")
            packed += data
    return xxhash.xxh64_intdigest(bytes(packed))


def offset_of(labels: Labels) -> float:
    """Where a label set lies between 0 and 1, evenly spread and always the same: what limit_ratio() picks by."""
    return hash_of(labels) / float(2**64)
