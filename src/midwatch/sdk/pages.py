"""Pages that the SDK answers by itself, in front of an app or on a port of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

METHODS = ("GET", "HEAD")
HEADERS = ("accept", "accept-encoding", "authorization")
"""Which of a request's headers are read, in small letters."""


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    headers: Mapping[str, str]


class Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...


class Pages(Protocol):
    paths: frozenset[str]
    """What is answered; anything else is the app's."""

    def reply(self, asked: Asked) -> Answer:
        """From a thread that may wait."""

    async def reply_async(self, asked: Asked) -> Answer: ...

    def opened(self) -> None:
        """Whoever serves them is there, and waits for this: it returns at once."""
        return

    async def opened_async(self) -> None:
        """The same, on the loop of an app that has come up."""
        return
