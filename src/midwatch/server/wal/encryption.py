"""Files that are encrypted, and any file's content as it was before (docs/adr/0026).

header    twice: magic, key id, 32 random bytes, whose file it was made as, tag, CRC-32
record    marker, length, number; AES-256-GCM (NIST SP 800-38D) of up to a mebibyte; tag
…

The file's own key is derived of the team's with the header's random bytes (HKDF-SHA256, RFC 5869), so that numbers of
records, which never come twice in a file, serve as nonces. A tag also covers where in the file its record lies: no
record can be moved, within a file or to another.

A record that cannot be decrypted counts as that many zeros: positions in the content are the same with it and without.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from midwatch.server.model.errors import Unavailable
from midwatch.server.model.wal_keys import KEY_BYTES, WalKey, WalKeys
from midwatch.server.wal.durable import Part
from midwatch.server.wal.mapped import mapped

RECORD_BYTES_MAX = 1 << 20
"""Of content: what is in memory at once where a file is streamed, and how long the interpreter is held."""
_MAGIC = b"\x00MWWAL1\n"
"""No frame begins with a zero: its length would be none."""
_INFO = b"midwatch write-ahead log 1"
_FACTS = struct.Struct("<8s16s32s40s")
_TAG_BYTES = 16
_HEADER_BYTES = _FACTS.size + _TAG_BYTES + 4
_HEADERS_BYTES = 2 * _HEADER_BYTES
"""One flipped bit costs a record, and never the file."""
_MARKER = b"\xa7MwR"
_MARKED = re.compile(re.escape(_MARKER))
_RECORD = struct.Struct("<4sIQ")
_LAST = 1 << 31
"""Beside the length: the record ends what was written at once."""
_OVERHEAD = _RECORD.size + _TAG_BYTES


class Encryption:
    """Of one new file. Nobody appends to a file that is there: its numbers would begin again."""

    def __init__(self, key: WalKey, name: str) -> None:
        salt = token_bytes(32)
        facts = _FACTS.pack(_MAGIC, key.id.encode(), salt, name.encode())
        self._cipher = _cipher(key, salt)
        named = facts + _header_tag(self._cipher, facts)
        self.header = 2 * (named + zlib.crc32(named).to_bytes(4, "little"))
        self._number = 0

    def records(self, parts: Sequence[Part], offset: int) -> list[bytes]:
        """What stands at `offset` of the file for these parts. What is called for is written there, or nowhere."""
        content = memoryview(parts[0] if len(parts) == 1 else b"".join(parts))
        written: list[bytes] = []
        for start in range(0, len(content), RECORD_BYTES_MAX):
            piece = content[start : start + RECORD_BYTES_MAX]
            self._number += 1
            last = _LAST if start + len(piece) == len(content) else 0
            head = _RECORD.pack(_MARKER, len(piece) | last, self._number)
            body = self._cipher.encrypt(_nonce(self._number), piece, _bound_to(offset, head))
            written += [head, body]
            offset += len(head) + len(body)
        return written


def encrypted(keys: WalKeys, name: str, content: Part) -> Part:
    """A whole file; the content itself where there is no key."""
    if keys.newest is None:
        return content
    encryption = Encryption(keys.newest, name)
    return b"".join([encryption.header, *encryption.records([content], len(encryption.header))])


def read_content(path: Path, keys: WalKeys, start: int = 0, end: int | None = None) -> memoryview:
    """A file's content from `start` to `end`, whether or not it is encrypted.

    Raises:
        Unavailable: none of the keys is the one that it takes.
    """
    if not is_encrypted(path):
        return mapped(path, end)[start:]
    # Not mapped: what is behind `end` may be cut off meanwhile.
    data = memoryview(path.read_bytes())
    return memoryview(b"".join(_decrypted(data, _cipher_of(data, keys), start, end)))


def pieces(path: Path, keys: WalKeys) -> Iterator[bytes]:
    """All of a file's content, a record at a time. Raises as `read_content`."""
    data = mapped(path)
    if _begins_encrypted(data):
        yield from _decrypted(data, _cipher_of(data, keys), 0, None)
        return
    for start in range(0, len(data), RECORD_BYTES_MAX):
        yield bytes(data[start : start + RECORD_BYTES_MAX])


def content_bytes(path: Path) -> int:
    """How long a file's content is; takes no key."""
    data = mapped(path)
    if not _begins_encrypted(data):
        return len(data)
    return sum(stretch.content_bytes for stretch in _stretches(data))


def written_bytes(path: Path) -> int:
    """Where in an encrypted file the last ends that was written as a whole."""
    return max((stretch.end for stretch in _stretches(mapped(path)) if stretch.last), default=_HEADERS_BYTES)


def require_keys(paths: Iterable[Path], keys: WalKeys) -> None:
    """
    Raises:
        Unavailable: for some of these files there is no key, or another one; names it, and says what to do.
    """
    refused: dict[str, list[Path]] = {}
    for path in paths:
        data = mapped(path)
        try:
            if _begins_encrypted(data):
                _cipher_of(data, keys)
        except Unavailable as error:
            refused.setdefault(error.message, []).append(path)
    for message, found in refused.items():
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Unavailable(
            f"cannot read {found[0]}{more}: {message}; put that key behind the newest one (wal_key=NEW,OLD), or move"
            " the files out of the data directory, which gives up what is in them",
            code="wal_key",
        )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A record, or bytes that are none."""

    start: int
    end: int
    record: bool
    last: bool = False

    @property
    def content_bytes(self) -> int:
        return self.end - self.start - (_OVERHEAD if self.record else 0)


def _stretches(data: memoryview) -> Iterator[_Stretch]:
    """Behind bytes that are no record it goes on at the next one, as with frames."""
    position = _HEADERS_BYTES
    while position < len(data):
        if (found := _record_at(data, position)) is None:
            following = _next_record(data, position + 1)
            found = _Stretch(position, following, record=False)
        yield found
        position = found.end


def _record_at(data: memoryview, position: int) -> _Stretch | None:
    if position + _RECORD.size > len(data):
        return None
    marker, size, _ = _RECORD.unpack_from(data, position)
    end = position + _OVERHEAD + (size & ~_LAST)
    if marker != _MARKER or not 0 < size & ~_LAST <= RECORD_BYTES_MAX or end > len(data):
        return None
    return _Stretch(position, end, record=True, last=bool(size & _LAST))


def _next_record(data: memoryview, position: int) -> int:
    starts = (found.start() for found in _MARKED.finditer(data, position))
    return next((start for start in starts if _record_at(data, start) is not None), len(data))


def _decrypted(data: memoryview, cipher: AESGCM | None, start: int, end: int | None) -> Iterator[bytes]:
    """Of what lies before `start` and behind `end` no more than the lengths is read."""
    at = 0
    for stretch in _stretches(data):
        size = stretch.content_bytes
        if end is not None and at >= end:
            return
        if at + size > start:
            piece = _decrypted_stretch(data, cipher, stretch)
            yield piece[max(0, start - at) : None if end is None else end - at]
        at += size


def _decrypted_stretch(data: memoryview, cipher: AESGCM | None, stretch: _Stretch) -> bytes:
    if stretch.record and cipher is not None:
        head = bytes(data[stretch.start : stretch.start + _RECORD.size])
        nonce = _nonce(_RECORD.unpack(head)[2])
        try:
            body = data[stretch.start + _RECORD.size : stretch.end]
            return cipher.decrypt(nonce, body, _bound_to(stretch.start, head))
        except InvalidTag:
            pass
    return bytes(stretch.content_bytes)


def is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return _begins_encrypted(file.read(_HEADERS_BYTES))


def _begins_encrypted(data: Part) -> bool:
    """Also when a crash left a part of the header."""
    first = [bytes(data[at : at + len(_MAGIC)]) for at in (0, _HEADER_BYTES)]
    return _MAGIC in first or (0 < len(first[0]) < len(_MAGIC) and _MAGIC.startswith(first[0]))


def _cipher_of(data: memoryview, keys: WalKeys) -> AESGCM | None:
    """None where neither of the headers is whole."""
    for at in (0, _HEADER_BYTES):
        header = bytes(data[at : at + _HEADER_BYTES])
        if len(header) < _HEADER_BYTES or zlib.crc32(header[:-4]) != int.from_bytes(header[-4:], "little"):
            continue
        facts = header[: _FACTS.size]
        _, named, salt, _ = _FACTS.unpack(facts)
        key_id = named.rstrip(b"\0").decode()
        if (key := keys.named(key_id)) is None:
            raise Unavailable(f"it is encrypted with the key {key_id}, which is not among wal_key")
        cipher = _cipher(key, salt)
        if _header_tag(cipher, facts) != header[_FACTS.size : -4]:
            raise Unavailable(f"it is encrypted with another key than the {key_id} of wal_key")
        return cipher
    return None


def _cipher(key: WalKey, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, _INFO).derive(key.secret))


def _header_tag(cipher: AESGCM, facts: bytes) -> bytes:
    return cipher.encrypt(_nonce(0), b"", facts)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound_to(offset: int, head: bytes) -> bytes:
    return offset.to_bytes(8, "little") + head
