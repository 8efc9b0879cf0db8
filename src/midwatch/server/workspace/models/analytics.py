"""Funnels that people keep."""

from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class SavedFunnelRow(Base):
    __tablename__ = "saved_funnels"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    funnel: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    changed_by: Mapped[str] = mapped_column(String(254))
