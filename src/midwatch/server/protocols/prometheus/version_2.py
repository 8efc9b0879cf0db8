"""Remote write 2.0 → the message of 1.0, which the write-ahead log holds of both.

A series of 2.0 refers to a table of symbols that its body has once. The store cannot resolve it: where an expression
over arrays refers to another array, ClickHouse copies that for every element; a body's table is as large as the body.
So the references are resolved here, by putting together bytes: no label becomes an object, samples stay as they came.
"""

import re
from collections.abc import Sequence
from typing import Any

from midwatch.server.protocols.prometheus.messages import (
    VERSION_2,
    Exemplar,
    Histogram,
    Metadata,
    MetricMetadata,
)
from midwatch.server.protocols.prometheus.remote_write import (
    NAME,
    BadWrite,
    Checked,
    Refusals,
    Written,
    histograms_problem,
    label_problem,
    parsed,
    refuse_other,
    refuse_unknown,
)

_FAMILY_TYPES = (3, 4, 5)
"""Histogram, gauge histogram, summary: their classic series have a suffix that the description's name has not."""
_SUFFIX = re.compile("_(?:bucket|count|sum|gcount|gsum)$")


class _BadReference(Exception):
    """A reference that leads nowhere."""


class _Symbols:
    """The table of a body, and its labels in the encoding of version 1."""

    def __init__(self, symbols: Sequence[bytes]) -> None:
        self._symbols = symbols
        self._names = [_field(b"\x0a", symbol) for symbol in symbols]
        self._values = [_field(b"\x12", symbol) for symbol in symbols]
        self._labels: dict[tuple[int, int], bytes] = {}
        self.name = symbols.index(NAME.encode()) if NAME.encode() in symbols else -1

    def text(self, reference: int) -> str:
        """
        Raises:
            _BadReference
        """
        if reference >= len(self._symbols):
            raise _BadReference(f"{reference} is beyond the {len(self._symbols):,} symbols")
        return self._symbols[reference].decode()

    def pairs(self, references: Sequence[int]) -> list[tuple[str, str]]:
        """
        Raises:
            _BadReference
        """
        if len(references) % 2:
            raise _BadReference(f"{len(references)} references, expected names and values in pairs")
        return [(self.text(name), self.text(value)) for name, value in _in_pairs(references)]

    def sound(self, references: Sequence[int]) -> bool:
        """Whether nothing is wrong with a series's labels; where not, `pairs` and `label_problem` tell what is."""
        names = references[::2]
        return (
            len(references) % 2 == 0
            and self.name in names
            and max(references) < len(self._symbols)
            and len(set(names)) == len(names)
            and len(self._symbols[references[names.index(self.name) * 2 + 1]]) > 0
            and 0 not in names
        )

    def encoded(self, references: Sequence[int]) -> list[bytes]:
        """Fields 1 of a series: its labels."""
        labels, found = self._labels, []
        for pair in _in_pairs(references):
            label = labels.get(pair)
            if label is None:
                label = labels[pair] = _field(b"\x0a", self._names[pair[0]] + self._values[pair[1]])
            found.append(label)
        return found


def check_version_2(body: bytes) -> Checked:
    """
    Raises:
        BadWrite: damaged, invalid UTF-8, another message, or nothing in it that can be taken.
    """
    flat = parsed(VERSION_2, VERSION_2.flat, body)
    parts = parsed(VERSION_2, VERSION_2.parts, body)
    if not parts.timeseries:
        if not flat.symbols:
            refuse_unknown(VERSION_2, flat)
        return Checked(None, Written())
    refuse_other(flat)
    symbols = list(parts.symbols)
    if not symbols or symbols[0]:
        raise BadWrite("symbols: expected an empty string first")
    return _converted(_Symbols(symbols), parts.timeseries)


def _converted(symbols: _Symbols, timeseries: Sequence[Any]) -> Checked:
    content: list[bytes] = []
    described: dict[tuple[int, bytes, bool], None] = {}
    """In the order of their coming: name, metadata, and whether it is one of native histograms."""
    refusals, samples, histograms, exemplars = Refusals(), 0, 0, 0
    for place, series in enumerate(timeseries):
        references = series.labels_refs[:]
        try:
            fields = _fields(symbols, references, series)
        except _BadReference as error:
            refusals.add(place, _told(symbols, references), str(error))
            continue
        content.append(_field(b"\x0a", b"".join(fields)))
        samples += len(series.samples)
        histograms += len(series.histograms)
        exemplars += len(series.exemplars)
        if series.metadata:
            name = references[references[::2].index(symbols.name) * 2 + 1]
            described[name, series.metadata, bool(series.histograms)] = None
    refused = refusals.text(len(timeseries))
    if refused and not content:
        raise BadWrite(refused)
    content += [_description(symbols, name, metadata, native=native) for name, metadata, native in described]
    return Checked(b"".join(content), Written(samples, histograms, exemplars), len(described), refused)


def _fields(symbols: _Symbols, references: Sequence[int], series: Any) -> list[bytes]:
    """A series as fields of version 1.

    Raises:
        _BadReference: it is none; the text says why.
    """
    if not symbols.sound(references):
        raise _BadReference(label_problem(symbols.pairs(references)) or "its labels are none")
    fields = symbols.encoded(references)
    fields += [_field(b"\x12", sample) for sample in series.samples]
    if series.metadata:
        metadata = Metadata.FromString(series.metadata)
        symbols.text(max(metadata.help_ref, metadata.unit_ref))
    for exemplar in series.exemplars:
        labels = [{"name": name, "value": value} for name, value in symbols.pairs(exemplar.labels_refs)]
        version_1 = Exemplar(labels=labels, value=exemplar.value, timestamp=exemplar.timestamp)
        fields.append(_field(b"\x1a", version_1.SerializeToString()))
    if series.histograms:
        if series.samples:
            raise _BadReference("samples and histograms in one series")
        if found := histograms_problem([Histogram.FromString(histogram) for histogram in series.histograms]):
            raise _BadReference(found)
        fields += [_field(b"\x22", histogram) for histogram in series.histograms]
    if series.created_timestamp > 0:
        fields.append(b"\x30" + _varint(series.created_timestamp))
    return fields


def _description(symbols: _Symbols, name: int, encoded: bytes, *, native: bool) -> bytes:
    metadata, family = Metadata.FromString(encoded), symbols.text(name)
    if metadata.type in _FAMILY_TYPES and not native:
        family = _SUFFIX.sub("", family)
    version_1 = MetricMetadata(
        type=metadata.type,
        metric_family_name=family,
        help=symbols.text(metadata.help_ref),
        unit=symbols.text(metadata.unit_ref),
    )
    return _field(b"\x1a", version_1.SerializeToString())


def _told(symbols: _Symbols, references: Sequence[int]) -> list[tuple[str, str]]:
    try:
        return symbols.pairs(references)
    except _BadReference:
        return []


def _in_pairs(references: Sequence[int]) -> "zip[tuple[int, int]]":
    return zip(references[::2], references[1::2], strict=True)


def _field(tag: bytes, content: bytes) -> bytes:
    return tag + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    if number < 0x80:
        return _SHORT[number]
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


_SHORT = [bytes([number]) for number in range(0x80)]
