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


class _BadSeries(Exception):
    """This series cannot be taken; the text says why."""


class _Labels(dict[tuple[int, int], bytes]):
    """Fields 1 of a series by the references of name and value, each encoded when it is first asked for."""

    def __init__(self, symbols: Sequence[bytes]) -> None:
        super().__init__()
        self._names = [_field(b"\x0a", symbol) for symbol in symbols]
        self._values = [_field(b"\x12", symbol) for symbol in symbols]

    def __missing__(self, pair: tuple[int, int]) -> bytes:
        label = self[pair] = _field(b"\x0a", self._names[pair[0]] + self._values[pair[1]])
        return label


class _Symbols:
    """The table of a body."""

    def __init__(self, symbols: Sequence[bytes]) -> None:
        self._symbols = symbols
        self._label = _Labels(symbols).__getitem__
        self._name = symbols.index(NAME.encode()) if NAME.encode() in symbols else -1
        self._empty = {place for place, symbol in enumerate(symbols) if not symbol}
        self._known_metadata: set[bytes] = set()

    def text(self, reference: int) -> str:
        """
        Raises:
            _BadSeries
        """
        if reference >= len(self._symbols):
            raise _BadSeries(f"{reference} is beyond the {len(self._symbols):,} symbols")
        return self._symbols[reference].decode()

    def pairs(self, references: Sequence[int]) -> list[tuple[str, str]]:
        """
        Raises:
            _BadSeries
        """
        if len(references) % 2:
            raise _BadSeries(f"{len(references)} references, expected names and values in pairs")
        pairs = zip(references[::2], references[1::2], strict=True)
        return [(self.text(name), self.text(value)) for name, value in pairs]

    def labels(self, references: Sequence[int]) -> tuple[int, list[bytes]]:
        """The reference of a series's name, and its labels as fields of version 1.

        Raises:
            _BadSeries: they are none; the text says why.
        """
        names, values = references[::2], references[1::2]
        sound = (
            len(names) == len(values)
            and self._name in names
            and max(references) < len(self._symbols)
            and len(set(names)) == len(names)
            and self._empty.isdisjoint(names)
        )
        name = values[names.index(self._name)] if sound else 0
        if name in self._empty:
            raise _BadSeries(label_problem(self.pairs(references)) or "its labels are none")
        return name, list(map(self._label, zip(names, values, strict=True)))

    def check_metadata(self, encoded: bytes) -> None:
        """Most series of a body have one of a few.

        Raises:
            _BadSeries
        """
        if encoded not in self._known_metadata:
            metadata = Metadata.FromString(encoded)
            self.text(max(metadata.help_ref, metadata.unit_ref))
            self._known_metadata.add(encoded)


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
        references, own_samples, metadata = series.labels_refs[:], series.samples[:], series.metadata
        own_histograms, own_exemplars = series.histograms[:], series.exemplars
        try:
            name, fields = symbols.labels(references)
            fields += [b"\x12" + _varint(len(sample)) + sample for sample in own_samples]
            if metadata:
                symbols.check_metadata(metadata)
            if own_exemplars:
                fields += [_exemplar(symbols, exemplar) for exemplar in own_exemplars]
            if own_histograms:
                fields += _histograms(own_histograms, beside_samples=bool(own_samples))
        except _BadSeries as error:
            refusals.add(place, _told(symbols, references), str(error))
            continue
        if (created := series.created_timestamp) > 0:
            fields.append(b"\x30" + _varint(created))
        encoded = b"".join(fields)
        content += (b"\x0a", _varint(len(encoded)), encoded)
        samples += len(own_samples)
        histograms += len(own_histograms)
        exemplars += len(own_exemplars)
        if metadata:
            described[name, metadata, bool(own_histograms)] = None
    refused = refusals.text(len(timeseries))
    if refused and not content:
        raise BadWrite(refused)
    content += [_description(symbols, name, metadata, native=native) for name, metadata, native in described]
    return Checked(b"".join(content), Written(samples, histograms, exemplars), len(described), refused)


def _exemplar(symbols: _Symbols, exemplar: Any) -> bytes:
    labels = [{"name": name, "value": value} for name, value in symbols.pairs(exemplar.labels_refs[:])]
    version_1 = Exemplar(labels=labels, value=exemplar.value, timestamp=exemplar.timestamp)
    return _field(b"\x1a", version_1.SerializeToString())


def _histograms(histograms: Sequence[bytes], *, beside_samples: bool) -> list[bytes]:
    """Their message is the same in both versions, and their field another."""
    if beside_samples:
        raise _BadSeries("samples and histograms in one series")
    if found := histograms_problem([Histogram.FromString(histogram) for histogram in histograms]):
        raise _BadSeries(found)
    return [_field(b"\x22", histogram) for histogram in histograms]


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
    except _BadSeries:
        return []


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
