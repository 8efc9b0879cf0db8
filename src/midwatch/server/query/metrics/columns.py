"""ClickHouse's Native format as arrays: no Python object for a sample.

A block is a count of columns and one of rows (varints); each column its name and type (strings) and its values side by
side. Arrays are the ends of all rows and then all items, a Nullable is a mask before the values: what numpy takes as it
lies. Only these and numbers of fixed width are read. clickhouse-connect would make a list of Python numbers of each
array; as RowBinary the same costs the engine half as much again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.floats import Bools, Ints

_WIDTHS = {"UInt8": "<u1", "Bool": "?", "UInt32": "<u4", "UInt64": "<u8", "Int64": "<i8", "Float64": "<f8"}
_TICKS = "<i8"
"""A DateTime64 is its count of ticks."""
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Arrays:
    """A column of arrays: row i is `items[bounds[i]:bounds[i + 1]]`; `missing` marks items that are NULL."""

    bounds: Ints
    items: np.ndarray
    missing: Bools | None

    def row(self, place: int) -> np.ndarray:
        found: np.ndarray = self.items[self.bounds[place] : self.bounds[place + 1]]
        return found


Column = list[int] | Arrays | np.ndarray


def blocks(data: bytes) -> Iterator[list[Column]]:
    """Each block's columns in order: numbers, arrays, and UInt128 as Python's; views of `data`.

    Raises:
        ValueError: a type that is not read here, or data that end too early.
    """
    reader = _Reader(data)
    while reader.place < len(data):
        columns, rows = reader.varint(), reader.varint()
        yield [reader.column(rows) for _ in range(columns)]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self.place]
            value |= (byte & 0x7F) << shift
            self.place += 1
            if byte < 0x80:
                return value
            shift += 7

    def column(self, rows: int) -> Column:
        self._text()
        kind = self._text()
        if kind == "UInt128":
            raw = self._take(rows * _ID_BYTES)
            return [int.from_bytes(raw[at : at + _ID_BYTES], "little") for at in range(0, len(raw), _ID_BYTES)]
        if not kind.startswith("Array("):
            return self._numbers(kind, rows)
        ends = self._numbers("UInt64", rows).astype(np.int64)
        bounds = np.concatenate((np.zeros(1, dtype=np.int64), ends))
        inner, missing = kind.removeprefix("Array(").removesuffix(")"), None
        if inner.startswith("Nullable("):
            inner = inner.removeprefix("Nullable(").removesuffix(")")
            missing = self._numbers("Bool", int(bounds[-1]))
        return Arrays(bounds, self._numbers(inner, int(bounds[-1])), missing)

    def _numbers(self, kind: str, count: int) -> np.ndarray:
        width = _TICKS if kind.startswith("DateTime64") else _WIDTHS.get(kind)
        if width is None:
            raise ValueError(f"a column of type {kind} is not read as an array")
        dtype = np.dtype(width)
        return np.frombuffer(self._take(count * dtype.itemsize), dtype, count)

    def _text(self) -> str:
        return bytes(self._take(self.varint())).decode()

    def _take(self, size: int) -> memoryview:
        found = memoryview(self._data)[self.place : self.place + size]
        if len(found) < size:
            raise ValueError("the answer ends in the midst of a column")
        self.place += size
        return found
