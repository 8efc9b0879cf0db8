"""A piece of memory that a process and its child share: what the child has measured, for its parent to read."""

import json
import os
import struct
import tempfile
import zlib
from dataclasses import dataclass, field
from typing import Any

from prometheus_client.core import Exemplar

from midwatch.sdk.metric_names import Given

_HEAD = struct.Struct("<QI")
"""Bytes and their CRC-32: what is read while it is written is not taken."""

Labels = tuple[tuple[str, str], ...]
Series = tuple[str, Labels]
"""The sample's name and its labels."""


@dataclass(slots=True)
class Family:
    """A metric as it was told."""

    name: str
    kind: str
    text: str
    unit: str
    given: Given | None = None
    values: dict[Series, float] = field(default_factory=dict)
    exemplars: dict[Series, Exemplar] = field(default_factory=dict)
    bases: dict[Series, float] = field(default_factory=dict)
    """Of a gauge's series: what it was when the child was forked."""


class Sheet:
    """Gone with both processes; says what was last written whole."""

    def __init__(self) -> None:
        """Raises OSError where there is neither memory nor a temporary file to be had."""
        if hasattr(os, "memfd_create"):
            self._fd = os.memfd_create("midwatch")
        else:
            with tempfile.TemporaryFile() as file:
                self._fd = os.dup(file.fileno())
        self._said: list[Family] = []

    def write(self, families: list[Family]) -> None:
        body = json.dumps([_row(one) for one in families]).encode()
        os.pwrite(self._fd, _HEAD.pack(len(body), zlib.crc32(body)) + body, 0)

    def read(self) -> list[Family]:
        """The same objects again where nothing whole has been written since."""
        head = os.pread(self._fd, _HEAD.size, 0)
        if len(head) == _HEAD.size:
            size, checksum = _HEAD.unpack(head)
            body = os.pread(self._fd, size, _HEAD.size)
            if len(body) == size and zlib.crc32(body) == checksum:
                self._said = [_family(one) for one in json.loads(body)]
        return self._said

    def close(self) -> None:
        os.close(self._fd)


def _row(one: Family) -> dict[str, Any]:
    given = one.given and [one.given.name, one.given.unit, dict(one.given.labels)]
    samples = [[name, labels, value, one.bases.get((name, labels))] for (name, labels), value in one.values.items()]
    exemplars = [[name, labels, *shown] for (name, labels), shown in one.exemplars.items()]
    return {
        "about": [one.name, one.kind, one.text, one.unit],
        "given": given,
        "samples": samples,
        "exemplars": exemplars,
    }


def _family(row: dict[str, Any]) -> Family:
    name, kind, text, unit = row["about"]
    found = Family(name, kind, text, unit, Given(*row["given"]) if row["given"] else None)
    for name, pairs, value, base in row["samples"]:
        key = name, _labels(pairs)
        found.values[key] = value
        if base is not None:
            found.bases[key] = base
    for name, pairs, *shown in row["exemplars"]:
        found.exemplars[name, _labels(pairs)] = Exemplar(*shown)
    return found


def _labels(pairs: list[list[str]]) -> Labels:
    return tuple((key, value) for key, value in pairs)
