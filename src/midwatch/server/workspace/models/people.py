"""Who may do what: users, how they sign in, tokens and ingest keys."""

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from midwatch.server.workspace.models.base import Base


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
