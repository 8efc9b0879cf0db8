"""What is owed to receivers, what was tried, and what each group's receivers were told last."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base

RECEIVER_CHARACTERS_MAX = 200
_SERIAL = BigInteger().with_variant(Integer, "sqlite")


class NotificationRow(Base):
    """One message to one integration (workspace/outbox.py)."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("notifications_waiting", "state", "receiver", "kind", "place", "next_ms"),
        Index("notifications_of_group", "group_hash", "number"),
        Index("notifications_created", "created_ms"),
    )

    number: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    """In the order in which they were put: the order of delivery."""
    id: Mapped[str] = mapped_column(String(36), unique=True)
    receiver: Mapped[str] = mapped_column(String(RECEIVER_CHARACTERS_MAX))
    kind: Mapped[str] = mapped_column(String(40))
    place: Mapped[int] = mapped_column(Integer)
    """The index of the entry in the receiver's list of its kind."""
    group_key: Mapped[str] = mapped_column(Text)
    group_hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(40))
    at_ns: Mapped[int] = mapped_column(BigInteger)
    firing: Mapped[int] = mapped_column(Integer)
    resolved: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Group labels, alerts and context."""
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(Integer)
    next_ms: Mapped[int] = mapped_column(BigInteger)
    """When it is tried next, where it waits."""
    created_ms: Mapped[int] = mapped_column(BigInteger)
    finished_ms: Mapped[int | None] = mapped_column(BigInteger)
    error: Mapped[str] = mapped_column(Text)
    resend_of: Mapped[str | None] = mapped_column(String(36))


class AttemptRow(Base):
    """One attempt to deliver a notification: requests and answers, their secrets masked before they get here."""

    __tablename__ = "notification_attempts"

    number: Mapped[int] = mapped_column(
        ForeignKey("notifications.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)
    verdict: Mapped[str] = mapped_column(String(20))
    exchanges: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """`{"request": …, "answer": …}`, in their order; an answer is null where none came."""
    error: Mapped[str] = mapped_column(Text)


class ToldRow(Base):
    """What one integration was told last about one group: Alertmanager's notification log."""

    __tablename__ = "notifications_told"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A hash of group key and integration."""
    group_key: Mapped[str] = mapped_column(Text)
    integration: Mapped[str] = mapped_column(String(300))
    at_ns: Mapped[int] = mapped_column(BigInteger, index=True)
    firing: Mapped[list[str]] = mapped_column(JSON)
    resolved: Mapped[list[str]] = mapped_column(JSON)
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What the vendor calls what it was sent, so that it can be updated: a message's time stamp, a ticket's number."""


class IntegrationRow(Base):
    """How an integration fares."""

    __tablename__ = "notification_integrations"

    receiver: Mapped[str] = mapped_column(String(RECEIVER_CHARACTERS_MAX), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    delivered_ms: Mapped[int | None] = mapped_column(BigInteger)
    failed_ms: Mapped[int | None] = mapped_column(BigInteger)
    failing_since_ms: Mapped[int | None] = mapped_column(BigInteger)
    """Of the first failure after the last success; None while it works."""
    lost: Mapped[bool] = mapped_column(Boolean)
    """Whether a notification was given up since the last success."""
    error: Mapped[str] = mapped_column(Text)
