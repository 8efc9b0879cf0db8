"""A story: one timeline over everything that is stored of some ids."""

from typing import Literal

from midwatch.server.schemas.base import Level, Page, Schema

Kind = Literal["trace", "correlation", "request", "job", "message", "session", "user", "entity"]
LineKind = Literal["span", "job", "message", "log", "error", "event", "product", "replay", "alert", "deploy"]
RemarkKind = Literal["failure", "unfinished", "gap", "duplicate", "retry", "correlation"]


class StoryId(Schema):
    kind: Kind
    value: str
    """Of an entity: its type, a colon, its id."""


class AskedId(StoryId):
    found: bool
    """Whether anything has it."""


class LinePlace(Schema):
    """A line, as something else points to it."""

    key: str
    time: str
    service: str
    title: str
    link: str
    """A path of the page, with its search: where the line is shown whole."""


class StoryLine(LinePlace):
    kind: LineKind
    environment: str
    level: Level
    detail: str
    failed: bool
    duration_ns: int
    ids: list[StoryId]
    spans: int
    """More than 1: so many spans of a service that nothing sets apart; this is their first."""


class StoryRemark(Schema):
    kind: RemarkKind
    weight: Literal["bad", "warning", "note"]
    text: str
    lines: list[LinePlace]


class RelatedId(StoryId):
    via: StoryId
    """The id that it was found beside."""
    line: LinePlace
    """That has both."""
    followed: bool
    """Whether what else has it is told here; a user or an entity has stories of its own."""
    lines: int


class StoryService(Schema):
    name: str
    lines: int
    failed: int


class StoryAnswer(Page):
    asked: list[AskedId]
    lines: list[StoryLine]
    """Oldest first."""
    total_lines: int
    """Before anything is folded or left out."""
    kinds: dict[str, int]
    levels: dict[str, int]
    services: list[StoryService]
    remarks: list[StoryRemark]
    related: list[RelatedId]
    start: str | None
    end: str | None
    older: int
    """Traces of a user, a session or an entity that are not told: `stories=all` tells them."""
    cut: list[str]
    """Bounds that it reached, each with what is missing."""
