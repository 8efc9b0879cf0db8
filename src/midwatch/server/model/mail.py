"""A mail to one person, and what became of handing it over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """What is said to whom; whoever hands it over knows the sender."""

    id: str
    """The same in each attempt: its Message-ID."""
    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)
    thread: str = ""
    """What it is about: mails about the same hang together."""


class Taken(StrEnum):
    YES = "delivered"
    LATER = "again"
    """This mail may be taken later; others may be taken now."""
    NEVER = "refused"
    """The mail server does not know the recipient, and will not."""
    NOT_NOW = "unreachable"
    """No mail goes out at the moment."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    taken: Taken
    error: str = ""


class Post(Protocol):
    """Hands mails over, one after the other."""

    @property
    def ready(self) -> bool:
        """Whether a mail server and a sender are configured."""
        ...

    async def send(self, mail: Mail) -> HandedOver:
        """Never raises."""
        ...

    async def rest(self) -> None:
        """Nothing more goes out for now: end the connection."""
        ...
