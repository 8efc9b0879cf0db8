"""Alerts, groups, silences, marks, and what happened to them. Times are nanoseconds since the epoch."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base

RULE_CHARACTERS_MAX = 300
_SERIAL = BigInteger().with_variant(Integer, "sqlite")


class AlertRow(Base):
    """An alert that fires, or whose end is not told yet."""

    __tablename__ = "alerts"

    fingerprint: Mapped[str] = mapped_column(String(16), primary_key=True)
    labels: Mapped[dict[str, str]] = mapped_column(JSON)
    annotations: Mapped[dict[str, str]] = mapped_column(JSON)
    starts_ns: Mapped[int] = mapped_column(BigInteger)
    ends_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)
    generator_url: Mapped[str] = mapped_column(Text)
    timeout: Mapped[bool] = mapped_column(Boolean)
    """Its sender gave no end."""


class AlertGroupRow(Base):
    """When a group of alerts is looked at next."""

    __tablename__ = "alert_groups"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of what follows."""
    route: Mapped[str] = mapped_column(Text)
    labels: Mapped[str] = mapped_column(Text)
    next_ns: Mapped[int] = mapped_column(BigInteger)
    climbs_ns: Mapped[int] = mapped_column(BigInteger)
    """Since when nobody has acknowledged it, of one that escalates; else 0."""


class SilenceRow(Base):
    __tablename__ = "silences"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    matchers: Mapped[list[list[str]]] = mapped_column(JSON)
    """Name, operator, value of each."""
    starts_ns: Mapped[int] = mapped_column(BigInteger)
    ends_ns: Mapped[int] = mapped_column(BigInteger, index=True)
    updated_ns: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    annotations: Mapped[dict[str, str]] = mapped_column(JSON)


class AlertMarkRow(Base):
    """What somebody said about alerts that fire."""

    __tablename__ = "alert_marks"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    fingerprints: Mapped[list[str]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(254))
    at_ns: Mapped[int] = mapped_column(BigInteger)
    comment: Mapped[str] = mapped_column(Text)
    group_key: Mapped[str] = mapped_column(Text)
    until_ns: Mapped[int] = mapped_column(BigInteger)
    assignee: Mapped[str] = mapped_column(String(254))


class AlertEventRow(Base):
    """One thing that happened to an alert or a group; never forgotten."""

    __tablename__ = "alert_events"
    __table_args__ = (
        Index("alert_events_time", "at_ns"),
        Index("alert_events_rule", "rule", "at_ns"),
        Index("alert_events_alert", "fingerprint", "at_ns"),
    )

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(RULE_CHARACTERS_MAX))
    """The alert's `alertname`."""
    fingerprint: Mapped[str] = mapped_column(String(16))
    labels: Mapped[dict[str, str]] = mapped_column(JSON)
    group_key: Mapped[str] = mapped_column(Text)
    receiver: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(254))
    comment: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class AlertMailRow(Base):
    """What a server took in that does not dispatch, for the one that does."""

    __tablename__ = "alert_mail"

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[Any] = mapped_column(JSON)
