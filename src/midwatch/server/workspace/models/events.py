"""How far the chain of each project's events is, and where it was before."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class EventHeadRow(Base):
    __tablename__ = "event_heads"

    project: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    changed_ms: Mapped[int] = mapped_column(BigInteger)


class EventAnchorRow(Base):
    __tablename__ = "event_anchors"

    project: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    at_ms: Mapped[int] = mapped_column(BigInteger)


class EventSourceRow(Base):
    __tablename__ = "event_sources"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    """Of the plan's `event_sources`, with the table that it read."""
    safe: Mapped[str] = mapped_column(String(100))
    """Everything up to this position was taken in, whatever was still being written; empty: nothing yet."""
    changed_ms: Mapped[int] = mapped_column(BigInteger)
