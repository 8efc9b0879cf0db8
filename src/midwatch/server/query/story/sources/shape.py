"""What every source of a story is, and how rows become lines."""

from collections.abc import Sequence
from typing import Any, Protocol

from midwatch.server.model.story_id import IdKind, StoryId, ids_of
from midwatch.server.query.story.asking import Asked, Window
from midwatch.server.query.story.lines import Line


class LineSource(Protocol):
    """Lines of traces and ids."""

    name: str

    async def lines(self, asked: Asked) -> list[Line]:
        """Oldest first, at most `asked.limit`."""
        ...


class AroundSource(Protocol):
    """What went on around a story: of its services, while it lasted."""

    name: str

    async def around(
        self, project: int, services: Sequence[str], environments: Sequence[str], window: Window, ids: Sequence[StoryId]
    ) -> list[Line]:
        """Oldest first, at most `AROUND_MAX`."""
        ...


AROUND_MAX = 100


def ids_in(row: dict[str, Any], *columns: tuple[IdKind, str]) -> tuple[StoryId, ...]:
    """Those among its attributes, its trace, and those of columns; each once."""
    found = [*ids_of(row["facts"])]
    found += [StoryId(kind, row[column]) for kind, column in ((IdKind.TRACE, "trace_id"), *columns) if row[column]]
    return tuple(dict.fromkeys(found))


def first_of(facts: dict[str, str], *names: str) -> str:
    return next((facts[name] for name in names if facts.get(name)), "")


def is_about_message(ids: Sequence[StoryId]) -> bool:
    """A message to a person."""
    return any(one.kind is IdKind.MESSAGE for one in ids)
