"""What people ticked off in runbooks."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class RunbookTickRow(Base):
    """One step, done while one alert fired once: the next time all steps are open again."""

    __tablename__ = "runbook_ticks"

    occasion: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The alert's fingerprint and when it began."""
    runbook: Mapped[str] = mapped_column(String(300), primary_key=True)
    step: Mapped[str] = mapped_column(String(16), primary_key=True)
    done_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    done_by: Mapped[str] = mapped_column(String(254))
