"""Which rules were rehearsed."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class DrillRow(Base):
    """The newest drill of one rule."""

    __tablename__ = "drills"

    rule_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    alert: Mapped[str] = mapped_column(String(300))
    query: Mapped[str] = mapped_column(String)
    """As it was: a rule that was changed since was not rehearsed as it is."""
    drilled_ms: Mapped[int] = mapped_column(BigInteger)
    drilled_by: Mapped[str] = mapped_column(String(254))
    passed: Mapped[bool] = mapped_column(Boolean)
    told: Mapped[list[Any]] = mapped_column(JSON)
    """Receivers."""
