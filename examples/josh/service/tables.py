"""What JOSH keeps in PostgreSQL. Rows of the document's tables say which story wrote them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, DateTime, ForeignKey, Identity, UniqueConstraint, create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from telemetry import db_query_ms, milliseconds

import midwatch
from midwatch.contract.event_table import POSTGRESQL, ddl
from midwatch.sdk.integrations.sqlalchemy_stamp import Correlated

SCHEMA = os.environ.get("SCHEMA", "public")
engine = create_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"),
    connect_args={"options": f"-csearch_path={SCHEMA}", "connect_timeout": 3},
    pool_pre_ping=True,
)


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {dict[str, Any]: JSON, datetime: DateTime(timezone=True)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(Identity(start=1001), primary_key=True)
    """Of four digits from the first on: what stands alone in a text and is as long names a person."""
    phone: Mapped[str]
    phone_hash: Mapped[str] = mapped_column(unique=True)
    region: Mapped[str] = mapped_column(default="nyc")
    state: Mapped[str] = mapped_column(default="registered")
    """registered, verified, interviewing, active, stopped, held."""
    otp: Mapped[str] = mapped_column(default="")
    interests: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class SmsMessage(Correlated, Base):
    """Without its text: what somebody wrote is handled, and not kept."""

    __tablename__ = "sms_messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    twilio_message_sid: Mapped[str] = mapped_column(unique=True)
    direction: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    handler: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="received")
    created_at: Mapped[datetime] = mapped_column(default=now)


class OutboundJob(Correlated, Base):
    __tablename__ = "sms_outbound_jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[str]
    text: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default="pending")
    """pending, sending, sent, failed."""
    attempts: Mapped[int] = mapped_column(default=0)
    twilio_message_sid: Mapped[str | None]
    carrier: Mapped[dict[str, Any]]
    """The ids under which it was made, for who sends it."""
    asked_at: Mapped[datetime | None]
    """When the message came that it answers."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def job_id(self) -> str:
        """As stories know it: a number alone would be another environment's, too."""
        return f"{SCHEMA}-outbound-{self.id}"


class Linkup(Correlated, Base):
    __tablename__ = "linkups"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    activity: Mapped[str]
    region: Mapped[str]
    state: Mapped[str] = mapped_column(default="created")
    needed: Mapped[int] = mapped_column(default=2)
    created_at: Mapped[datetime] = mapped_column(default=now)
    window_ends_at: Mapped[datetime]
    reminded: Mapped[bool] = mapped_column(default=False)


class Invite(Correlated, Base):
    __tablename__ = "invites"
    __table_args__ = (UniqueConstraint("linkup_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    linkup_id: Mapped[int] = mapped_column(ForeignKey("linkups.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(default="sent")


class ProfileEvent(Correlated, Base):
    __tablename__ = "profile_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    type: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Incident(Correlated, Base):
    __tablename__ = "safety_incidents"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    category: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime] = mapped_column(default=now)


class StripeEvent(Correlated, Base):
    __tablename__ = "stripe_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Subscription(Correlated, Base):
    __tablename__ = "subscriptions"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    plan: Mapped[str]
    status: Mapped[str]


class Entitlement(Correlated, Base):
    __tablename__ = "entitlements"
    __table_args__ = (CheckConstraint("linkups_per_month > 0", name="some_linkups"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    active: Mapped[bool]
    linkups_per_month: Mapped[int]


class Switch(Base):
    """What a rehearsal makes go wrong; a row is a fault that is on."""

    __tablename__ = "rehearsal_switches"
    name: Mapped[str] = mapped_column(primary_key=True)


@contextmanager
def transaction(query_name: str) -> Iterator[Session]:
    """State changes and their domain events: all of them, or none; measured as `query_name`."""
    with milliseconds(db_query_ms, query_name=query_name), Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


def create() -> None:
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        connection.execute(text(ddl(POSTGRESQL)))
    Base.metadata.create_all(engine)
    midwatch.replay_store(engine=engine).create()  # type: ignore[attr-defined]


if __name__ == "__main__":
    create()
