"""Tables of the workspace, for SQLite and PostgreSQL alike. Times are integer milliseconds since the epoch."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Double, ForeignKey, Index, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class UserRow(Base):
    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[int] = mapped_column(Integer)
    password_hash: Mapped[str | None] = mapped_column(String(300))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    last_seen_ms: Mapped[int | None] = mapped_column(BigInteger)
    disabled: Mapped[bool] = mapped_column(Boolean, default=False)


class SessionRow(Base):
    """A signed-in browser; the id is the SHA-256 of what its cookie holds."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    used_ms: Mapped[int] = mapped_column(BigInteger)


class LinkRow(Base):
    """A sign-in link that works once."""

    __tablename__ = "signin_links"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_ms: Mapped[int] = mapped_column(BigInteger)


class FailureRow(Base):
    """How often signing in failed lately, for one account or one address; the name is a digest."""

    __tablename__ = "signin_failures"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    until_ms: Mapped[int] = mapped_column(BigInteger)
    """Nothing is tried before; now or earlier: nothing to wait for."""
    changed_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class TokenRow(Base):
    """An API token; the id beside its hash is what people see."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    """Whose rights bound it, when it is used. None: the installation's own (see tokens.py)."""
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[int] = mapped_column(Integer)
    scopes: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(254))
    last_used_ms: Mapped[int | None] = mapped_column(BigInteger)
    expires_ms: Mapped[int | None] = mapped_column(BigInteger)
    owner: Mapped[UserRow | None] = relationship(lazy="joined")


class KeyRow(Base):
    """An ingest key."""

    __tablename__ = "ingest_keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    project: Mapped[int] = mapped_column(BigInteger)
    environment: Mapped[str | None] = mapped_column(String(200))
    origins: Mapped[list[str]] = mapped_column(JSON)
    items_per_second: Mapped[int | None] = mapped_column(BigInteger)
    prefix: Mapped[str] = mapped_column(String(16))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(254))
    last_used_ms: Mapped[int | None] = mapped_column(BigInteger)
    revoked: Mapped[bool] = mapped_column(Boolean, default=False)
    shown: Mapped[str | None] = mapped_column(String(200))
    """The whole key, for the one that Midwatch made itself: the first-run page fills it in. It can only write."""


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


class DashboardRow(Base):
    """A dashboard of the workspace, by its newest version (workspace/dashboards.py)."""

    __tablename__ = "dashboards"

    uid: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    deleted_ms: Mapped[int | None] = mapped_column(BigInteger)
    """Where set, it is listed nowhere, and any of its versions can be restored for a while."""


class DashboardOriginalRow(Base):
    """The JSON that a dashboard was imported from: what only its maker knows goes out again with an export."""

    __tablename__ = "dashboard_originals"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    uid: Mapped[str] = mapped_column(ForeignKey("dashboards.uid", ondelete="CASCADE"), index=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)


class DashboardVersionRow(Base):
    __tablename__ = "dashboard_versions"

    uid: Mapped[str] = mapped_column(ForeignKey("dashboards.uid", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    """A `Dashboard` of schemas/dashboards/board.py, without its defaults."""
    original_id: Mapped[int | None] = mapped_column(ForeignKey("dashboard_originals.id"))
    title: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(String(10_000))
    tags: Mapped[list[str]] = mapped_column(JSON)
    panels: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    message: Mapped[str] = mapped_column(String(500))
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    changed_by: Mapped[str] = mapped_column(String(254))
