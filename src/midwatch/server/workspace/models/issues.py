"""Issues: what groups of errors are, how they stand, and what happened to them. Their events are in the store."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base

BIG_ID = BigInteger().with_variant(Integer, "sqlite")


class IssueRow(Base):
    __tablename__ = "issues"
    __table_args__ = (
        Index("issues_newest", "project", "status", "last_ms"),
        Index("issues_first", "project", "first_ms"),
        Index("issues_status", "status", "substatus"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    project: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(20))
    """unresolved, resolved, ignored; merged: its groups are of `merged_into` now."""
    substatus: Mapped[str] = mapped_column(String(20))
    """Of an unresolved one: new, ongoing, regressed, escalating."""
    title: Mapped[str] = mapped_column(String(300))
    culprit: Mapped[str] = mapped_column(String(300))
    type: Mapped[str] = mapped_column(String(300))
    value: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(100))
    platform: Mapped[str] = mapped_column(String(64))
    service: Mapped[str] = mapped_column(String(200))
    environment: Mapped[str] = mapped_column(String(200))
    """Where it was seen first."""
    handled: Mapped[bool] = mapped_column(Boolean)
    priority: Mapped[str] = mapped_column(String(10))
    """high, medium, low."""
    priority_by: Mapped[str] = mapped_column(String(254))
    """Who chose it; empty: it follows from level and handling."""
    primary_hash: Mapped[str] = mapped_column(String(32))
    """Stands for all of its groups where queries name one."""
    first_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    first_release: Mapped[str] = mapped_column(String(200))
    last_release: Mapped[str] = mapped_column(String(200))
    last_event_id: Mapped[str] = mapped_column(String(64))
    assignee: Mapped[str] = mapped_column(String(254))
    """E-mail address of a user, or a team's name; empty: nobody."""
    resolved_ms: Mapped[int | None] = mapped_column(BigInteger)
    resolved_in: Mapped[str] = mapped_column(String(210))
    """Empty: at once; `=1.2`: in that release; `>1.2`: in the one after it."""
    ignored_ms: Mapped[int | None] = mapped_column(BigInteger)
    ignored_until: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`time_ms`, `count`, `users`: whichever comes first; none: for ever."""
    merged_into: Mapped[int | None] = mapped_column(BigInteger)
    changed_ms: Mapped[int] = mapped_column(BigInteger)


class IssueGroupRow(Base):
    """Which issue a group of events belongs to."""

    __tablename__ = "issue_groups"

    project: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(32), primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    version: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(String(300))
    first_ms: Mapped[int] = mapped_column(BigInteger)


class IssueActivityRow(Base):
    """What happened to an issue, the oldest first by id."""

    __tablename__ = "issue_activity"
    __table_args__ = (Index("issue_activity_of", "issue_id", "id"), Index("issue_activity_owed", "owed"))

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    time_ms: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(30))
    actor: Mapped[str] = mapped_column(String(254))
    """Empty: Midwatch itself."""
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    owed: Mapped[bool] = mapped_column(Boolean)
    """Alerting has not been told of it yet."""


class IssueLinkRow(Base):
    """An issue of a tracker that stands for one of ours."""

    __tablename__ = "issue_links"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    tracker: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(String(1000))
    title: Mapped[str] = mapped_column(String(300))
    made_ms: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[str] = mapped_column(String(254))


class DigestedSegmentRow(Base):
    """A segment whose told exceptions are events already."""

    __tablename__ = "digested_segments"

    segment: Mapped[str] = mapped_column(String(32), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)
