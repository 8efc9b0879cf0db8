"""Who takes over on call."""

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class OverrideRow(Base):
    """Somebody is on duty instead of whoever the schedule says."""

    __tablename__ = "on_call_overrides"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    schedule: Mapped[str] = mapped_column(String(200))
    person: Mapped[str] = mapped_column(String(200))
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(Text)
