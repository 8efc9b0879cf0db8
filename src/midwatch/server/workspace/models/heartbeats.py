"""Heartbeats: who is expected, how they are, their signs and changes."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Double, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class HeartbeatRow(Base):
    """A heartbeat in one environment."""

    __tablename__ = "heartbeats"
    __table_args__ = (UniqueConstraint("project", "name", "environment", name="heartbeats_identity"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """A random UUID: whoever knows it may ping."""
    project: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(200))
    environment: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(20))
    """Who set the schedule: `plan`, `sentry`, `healthchecks`, `sdk`, `page`."""
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Expectation, description and labels, as monitors/heartbeats/written.py has them."""
    life: Mapped[dict[str, Any]] = mapped_column(JSON)
    condition: Mapped[str] = mapped_column(String(20))
    healthy: Mapped[bool] = mapped_column(Boolean)
    due_ns: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """When it is to be looked at next."""
    created_ms: Mapped[int] = mapped_column(BigInteger)


class HeartbeatSignRow(Base):
    """One sign of life, or what was sent to be kept."""

    __tablename__ = "heartbeat_signs"
    __table_args__ = (Index("heartbeat_signs_heartbeat", "heartbeat_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    heartbeat_id: Mapped[str] = mapped_column(ForeignKey("heartbeats.id", ondelete="CASCADE"))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(20))
    run: Mapped[str] = mapped_column(String(64))
    seconds: Mapped[float | None] = mapped_column(Double)
    door: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(String(10_000))


class HeartbeatChangeRow(Base):
    __tablename__ = "heartbeat_changes"
    __table_args__ = (Index("heartbeat_changes_heartbeat", "heartbeat_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    heartbeat_id: Mapped[str] = mapped_column(ForeignKey("heartbeats.id", ondelete="CASCADE"))
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    condition_from: Mapped[str] = mapped_column(String(20))
    condition_to: Mapped[str] = mapped_column(String(20))
    healthy: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(500))
