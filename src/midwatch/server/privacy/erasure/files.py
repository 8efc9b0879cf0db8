"""Files that hold a person: recordings, attachments, profiles, dead letters."""

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator

from midwatch.server.model.blobs import Blobs
from midwatch.server.model.errors import NotFound
from midwatch.server.privacy.erasure.person import Person
from midwatch.server.wal.dead_letters import DeadLetters

FOLDERS = ("replays", "attachments", "profiles")
_GZIP = zlib.MAX_WBITS | 16


async def blobs_with(blobs: Blobs, person: Person) -> AsyncIterator[str]:
    """Names of those in which the person stands; each is read and unpacked."""
    for folder in FOLDERS:
        async for info in blobs.list(folder):
            content = await blobs.get(info.name)
            if content is not None and await asyncio.to_thread(_holds, content, person):
                yield info.name


def letters_with(letters: DeadLetters, person: Person) -> list[str]:
    """Touches the disk: for a thread."""
    found = []
    for letter in letters.all():
        try:
            content = bytes(letters.content(letter.id))
        except (FileNotFoundError, NotFound):
            continue
        if _holds(content, person):
            found.append(letter.id)
    return found


def drop_letters(letters: DeadLetters, ids: list[str]) -> None:
    for one in ids:
        try:
            letters.drop(one)
        except NotFound:
            continue


def _holds(content: bytes, person: Person) -> bool:
    if content[:2] == b"\x1f\x8b":
        with contextlib.suppress(zlib.error):
            content = zlib.decompress(content, _GZIP)
    return person.in_bytes(content)
