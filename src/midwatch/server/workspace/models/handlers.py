"""Failed runs of apps' handlers, orders to replay them, and which app has which handler."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class HandlerRunRow(Base):
    __tablename__ = "handler_runs"
    __table_args__ = (
        Index("handler_runs_newest", "project", "failed_ms", "id"),
        Index("handler_runs_of_group", "project", "group_hash"),
        Index("handler_runs_told", "project", "service", "told_ms"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Of project, service, environment and the app's own id."""
    project: Mapped[int] = mapped_column(BigInteger)
    service: Mapped[str] = mapped_column(String(200))
    environment: Mapped[str] = mapped_column(String(200))
    run_id: Mapped[str] = mapped_column(String(64))
    """As the app's store has it."""
    handler: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))
    """failed, stuck, unknown or done, as the app told last."""
    revision: Mapped[int] = mapped_column(BigInteger)
    """What the app tells of an older one changes nothing."""
    attempt: Mapped[int] = mapped_column(Integer)
    error_type: Mapped[str] = mapped_column(String(300))
    error_text: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(String(64))
    trace_id: Mapped[str] = mapped_column(String(32))
    span_id: Mapped[str] = mapped_column(String(16))
    correlation_id: Mapped[str] = mapped_column(String(128))
    group_hash: Mapped[str] = mapped_column(String(32))
    """Of its error event, once that is stored; by it the run belongs to an issue."""
    started_ms: Mapped[int] = mapped_column(BigInteger)
    failed_ms: Mapped[int] = mapped_column(BigInteger)
    """When it failed last, was found stuck, or was given up."""
    done_ms: Mapped[int | None] = mapped_column(BigInteger)
    told_ms: Mapped[int] = mapped_column(BigInteger)
    """When it was told first."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`form`: plain, with `arguments`; sealed, with what the team's key opens; none."""
    refusal: Mapped[str] = mapped_column(Text)
    """Why it cannot be replayed; empty where it can."""


class HandlerOrderRow(Base):
    """To replay one run. Given to one app at a time, and to another where that is not heard of again."""

    __tablename__ = "handler_orders"
    __table_args__ = (
        Index("handler_orders_due", "state", "project", "service", "environment", "due_ms"),
        Index("handler_orders_of_batch", "batch_id"),
        Index("handler_orders_asked", "asked_ms"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    batch_id: Mapped[str] = mapped_column(String(32))
    run: Mapped[str] = mapped_column(ForeignKey("handler_runs.id"), index=True)
    project: Mapped[int] = mapped_column(BigInteger)
    service: Mapped[str] = mapped_column(String(200))
    environment: Mapped[str] = mapped_column(String(200))
    run_id: Mapped[str] = mapped_column(String(64))
    handler: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))
    """waiting, given, finished, cancelled, expired."""
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text)
    seconds: Mapped[float] = mapped_column(Float)
    dry_run: Mapped[bool] = mapped_column(Boolean)
    confirm_unknown: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[str] = mapped_column(String(254))
    asked_ms: Mapped[int] = mapped_column(BigInteger)
    due_ms: Mapped[int] = mapped_column(BigInteger)
    """Not before; of many, one after the other by their rate."""
    expires_ms: Mapped[int] = mapped_column(BigInteger)
    given_until_ms: Mapped[int] = mapped_column(BigInteger)
    given_to: Mapped[str] = mapped_column(String(200))
    finished_ms: Mapped[int | None] = mapped_column(BigInteger)


class HandlerSeenRow(Base):
    """An app that asks for orders has this handler."""

    __tablename__ = "handlers_seen"

    project: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    service: Mapped[str] = mapped_column(String(200), primary_key=True)
    environment: Mapped[str] = mapped_column(String(200), primary_key=True)
    handler: Mapped[str] = mapped_column(String(200), primary_key=True)
    instance: Mapped[str] = mapped_column(String(200))
    seen_ms: Mapped[int] = mapped_column(BigInteger)
