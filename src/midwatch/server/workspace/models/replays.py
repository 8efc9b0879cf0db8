"""Session replays: what is known of each, of its segments, and by what it is found. Recordings are blobs."""

from sqlalchemy import BigInteger, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class ReplayRow(Base):
    """One that was deleted stays, emptied, until its time is over: what its browser still sends is not taken."""

    __tablename__ = "replays"
    __table_args__ = (Index("replays_started", "project", "started_ms", "id"), Index("replays_finished", "finished_ms"))

    project: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    started_ms: Mapped[int] = mapped_column(BigInteger)
    finished_ms: Mapped[int] = mapped_column(BigInteger)
    user_label: Mapped[str] = mapped_column(String(500))
    """As a person would call the user, of the newest segment that says so."""
    release: Mapped[str] = mapped_column(String(500))
    environment: Mapped[str] = mapped_column(String(500))
    browser: Mapped[str] = mapped_column(String(100))
    os: Mapped[str] = mapped_column(String(100))
    device: Mapped[str] = mapped_column(String(100))
    sdk: Mapped[str] = mapped_column(String(1001))
    is_buffer: Mapped[bool] = mapped_column(Boolean)
    segments: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[int] = mapped_column(BigInteger)
    """Of its blobs."""
    unpacked_bytes: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(Integer)
    errors: Mapped[int] = mapped_column(Integer)
    clicks: Mapped[int] = mapped_column(Integer)
    dead_clicks: Mapped[int] = mapped_column(Integer)
    rage_clicks: Mapped[int] = mapped_column(Integer)
    cut: Mapped[str] = mapped_column(String(20))
    """The limit because of which segments are missing; empty where none are."""
    seen_ms: Mapped[int | None] = mapped_column(BigInteger)
    """When somebody watched it first."""
    deleted: Mapped[bool] = mapped_column(Boolean)


class ReplaySegmentRow(Base):
    __tablename__ = "replay_segments"

    project: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    replay_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    segment: Mapped[int] = mapped_column(Integer, primary_key=True)
    first_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)
    unpacked_bytes: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(Integer)


class ReplayKeyRow(Base):
    """By what a replay is found: `user`, `error`, `trace`, `url`."""

    __tablename__ = "replay_keys"
    __table_args__ = (Index("replay_keys_value", "project", "kind", "value"),)

    project: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    replay_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(500), primary_key=True)
    segment: Mapped[int] = mapped_column(Integer)
    """The first that had it."""
    place: Mapped[int] = mapped_column(Integer)
    """Among the others of its segment."""
