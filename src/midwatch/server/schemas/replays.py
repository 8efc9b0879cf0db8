"""Session replays."""

from midwatch.server.schemas.base import Page, Schema


class ReplaySummary(Schema):
    id: str
    started: str
    finished: str
    duration_ms: int
    user: str
    """As a person would call them: address, name or id; empty where nobody was signed in."""
    urls: list[str]
    """The addresses that were visited, in order, each once."""
    release: str
    environment: str
    browser: str
    os: str
    device: str
    errors: int
    clicks: int
    dead_clicks: int
    """Clicks on buttons and links after which nothing happened."""
    rage_clicks: int
    """Three and more clicks on the same thing in a row."""
    is_buffer: bool
    """Sent because of an error; the beginning is what the browser still had."""
    seen: bool
    """Somebody has watched it."""


class ReplayPage(Page):
    replays: list[ReplaySummary]


class ReplaySegment(Schema):
    segment: int
    start: str
    end: str
    bytes: int
    """As it is kept, compressed."""
    events: int


class ReplayError(Schema):
    event_id: str
    at: str
    """Of the error; where it is not stored (yet), of the end of the part of the recording that names it."""
    is_stored: bool
    title: str
    """Empty where it is not stored."""
    group: str


class ReplayTrace(Schema):
    trace_id: str
    at: str
    """The beginning of the part of the recording that names it."""


class ReplayDetail(Schema):
    summary: ReplaySummary
    users: list[str]
    """Everything that the user was called by."""
    sdk: str
    bytes: int
    unpacked_bytes: int
    events: int
    cut: str
    """Why segments are missing at the end: `segments`, `bytes`, `hours`, the limits of a replay; empty: none are."""
    missing_segments: int
    """Numbers between the first and the last that did not come, or not yet."""
    segments: list[ReplaySegment]
    errors: list[ReplayError]
    traces: list[ReplayTrace]


class ReplayUsage(Schema):
    """What replays take up."""

    replays: int
    bytes: int
    bytes_max: int
    """Of all projects together; the oldest are forgotten beyond it."""
    retention_days: float
    """0: for ever."""
    oldest: str | None


class ReplaysDeleted(Schema):
    deleted: int
