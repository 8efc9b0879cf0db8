"""What rules remember: alerts that are there, and every change of their state."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class RuleAlertRow(Base):
    """An alert of a rule that is pending, firing, or resolved a short while ago (workspace/rules.py)."""

    __tablename__ = "rule_alerts"

    rule_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(16), primary_key=True)
    labels: Mapped[dict[str, str]] = mapped_column(JSON)
    annotations: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(40))
    active_ms: Mapped[int] = mapped_column(BigInteger)
    fired_ms: Mapped[int | None] = mapped_column(BigInteger)
    resolved_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)


class RuleTransitionRow(Base):
    """A change of an alert's state. Kept for ever."""

    __tablename__ = "rule_transitions"
    __table_args__ = (
        Index("rule_transitions_time", "at_ms"),
        Index("rule_transitions_rule", "rule_id", "at_ms"),
        Index("rule_transitions_alert", "alert_name", "at_ms"),
        Index("rule_transitions_fingerprint", "fingerprint", "at_ms"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    rule_id: Mapped[str] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(String(1024))
    group: Mapped[str] = mapped_column("rule_group", String(1024))
    alert_name: Mapped[str] = mapped_column(String(1024))
    fingerprint: Mapped[str] = mapped_column(String(16))
    before: Mapped[str] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(40))
    """As Prometheus writes numbers: NaN and infinities are texts in any database."""
    labels: Mapped[dict[str, Any]] = mapped_column(JSON)
    annotations: Mapped[dict[str, Any]] = mapped_column(JSON)
