"""Where probes stand, how they came there, and what each day of a probe or heartbeat was like."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Double, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class ProbeStandingRow(Base):
    """A probe at a location; with no location, what all of them agree on."""

    __tablename__ = "probe_standings"

    probe: Mapped[str] = mapped_column(String(200), primary_key=True)
    location: Mapped[str] = mapped_column(String(200), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    since_ms: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    """Of the newest attempt."""
    taken_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    """When it was written down."""
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Standing and newest result, as monitors/probes/written.py has them."""


class ProbeChangeRow(Base):
    """A probe went from one state to another, all locations together."""

    __tablename__ = "probe_changes"
    __table_args__ = (Index("probe_changes_probe", "probe", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    probe: Mapped[str] = mapped_column(String(200))
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    state_from: Mapped[str] = mapped_column(String(20))
    state_to: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(1000))


class MonitorDayRow(Base):
    """How much of a day something was up, down, or not known."""

    __tablename__ = "monitor_days"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`probe` or `heartbeat`."""
    name: Mapped[str] = mapped_column(String(420), primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Days since the epoch, in UTC."""
    up_seconds: Mapped[float] = mapped_column(Double)
    down_seconds: Mapped[float] = mapped_column(Double)
    unknown_seconds: Mapped[float] = mapped_column(Double)
