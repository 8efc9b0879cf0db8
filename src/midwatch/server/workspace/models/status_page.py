"""Incidents and maintenance of the status page."""

from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class StatusNoticeRow(Base):
    """An incident, or maintenance that is planned."""

    __tablename__ = "status_notices"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """`incident` or `maintenance`."""
    title: Mapped[str] = mapped_column(String(200))
    impact: Mapped[str] = mapped_column(String(20))
    """`none`, `minor`, `major`, `critical`."""
    status: Mapped[str] = mapped_column(String(20))
    components: Mapped[list[str]] = mapped_column(JSON)
    starts_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    ends_ms: Mapped[int | None] = mapped_column(BigInteger)
    """Of maintenance: when it is planned to be over; of an incident: when it was."""
    updates: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Newest first: `at_ms`, `status`, `text`, `by`."""
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    begun_ms: Mapped[int | None] = mapped_column(BigInteger)
    """Of maintenance: when subscribers were told that it begins, or need not be any more."""
