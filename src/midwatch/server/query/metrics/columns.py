"""ClickHouse's RowBinary of `(UInt128, Array(fixed width)…)` rows as arrays: no Python object for a sample.

One row is one series; numbers are little-endian, an array is its length as a varint and its items. clickhouse-connect
would make a list of Python numbers of each array.
"""

from collections.abc import Iterator

import numpy as np

_ID_BYTES = 16


def rows(data: bytes, dtypes: tuple[str, ...]) -> Iterator[tuple[int, list[np.ndarray]]]:
    """Each row's id and its arrays, which are views of `data`.

    Raises:
        ValueError: the data end in the midst of a row.
    """
    kinds = [np.dtype(one) for one in dtypes]
    place, end = 0, len(data)
    while place < end:
        series_id = int.from_bytes(data[place : place + _ID_BYTES], "little")
        place += _ID_BYTES
        arrays = []
        for kind in kinds:
            count, place = _varint(data, place)
            arrays.append(np.frombuffer(data, kind, count, place))
            place += count * kind.itemsize
        yield series_id, arrays


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return value, place
        shift += 7
