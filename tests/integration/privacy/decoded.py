"""Every byte of a data directory, as it lies there and decoded: parts of tables in use and not, databases, blobs."""

import gzip
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

import cramjam
import re2  # type: ignore[import-untyped]

_CHECKSUM, _HEADER = 16, 9
_NONE, _LZ4, _ZSTD, _SEVERAL = 0x02, 0x82, 0x90, 0x91


def _block(method: int, content: bytes, size: int) -> bytes:
    if method == _LZ4:
        return bytes(cramjam.lz4.decompress_block(content, output_len=size))
    return bytes(cramjam.zstd.decompress(content)) if method == _ZSTD else content


def columns_of(content: bytes) -> bytes:
    """The blocks of one of ClickHouse's compressed files, one after another; empty where it is none."""
    parts, at = [], 0
    while at + _CHECKSUM + _HEADER <= len(content):
        method, packed, size = struct.unpack_from("<BII", content, at + _CHECKSUM)
        end = at + _CHECKSUM + packed
        if method not in (_NONE, _LZ4, _ZSTD, _SEVERAL) or packed < _HEADER or end > len(content) or size > 1 << 28:
            break
        try:
            parts.append(_block(method, content[at + _CHECKSUM + _HEADER : end], size))
        except cramjam.DecompressionError:
            break
        at = end
    return b"".join(parts)


def of_file(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if content[:15] == b"SQLite format 3":
        with sqlite3.connect(path) as database:
            yield "\n".join(database.iterdump()).encode()
    elif unpacked := columns_of(content):  # first: its checksum may begin as any other file does
        yield unpacked
    elif content[:3] == b"\x1f\x8b\x08":
        yield gzip.decompress(content)


class Search:
    def __init__(self, forms: dict[bytes, str]) -> None:
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = 1 << 30
        self._forms = forms
        self._any = re2.compile(b"|".join(re2.escape(form) for form in forms), options)

    def in_bytes(self, content: bytes) -> set[str]:
        """The values that stand in it, in any form."""
        return {self._forms[match.group(0)] for match in self._any.finditer(content)}

    def in_directory(self, directory: Path, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
        """Values, and the first file in which each was found."""
        found: dict[str, str] = {}
        for path in sorted(directory.rglob("*")):
            if path.is_file() and not path.is_symlink() and not any(part in without for part in path.parts):
                for content in of_file(path):
                    for value in self.in_bytes(content):
                        found.setdefault(value, str(path.relative_to(directory)))
        return found
