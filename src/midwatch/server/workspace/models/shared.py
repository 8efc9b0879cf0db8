"""What servers on one database share: the audit log, small documents, leases."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Double, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class AuditRow(Base):
    __tablename__ = "audit_log"
    __table_args__ = (Index("audit_log_time", "time_ms"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    time_ms: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(254))
    action: Mapped[str] = mapped_column(String(100))
    target: Mapped[str] = mapped_column(String(300))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    address: Mapped[str] = mapped_column(String(64))


class DocumentRow(Base):
    """Small versioned documents: the plan in force, retention."""

    __tablename__ = "documents"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    changed_by: Mapped[str] = mapped_column(String(254))


class LeaseRow(Base):
    """Who of several servers does a piece of work (server/leases/)."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100))
    token: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[float] = mapped_column(Double)
    """Seconds since the epoch, by the database's clock."""
