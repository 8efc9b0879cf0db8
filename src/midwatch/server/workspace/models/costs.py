"""Invoices that costs are compared with."""

from sqlalchemy import JSON, BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class InvoiceRow(Base):
    __tablename__ = "cost_invoices"
    __table_args__ = (UniqueConstraint("vendor", "month"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    vendor: Mapped[str] = mapped_column(String(100))
    month: Mapped[str] = mapped_column(String(7))
    currency: Mapped[str] = mapped_column(String(3))
    count: Mapped[int] = mapped_column(Integer)
    """Lines of the file."""
    lines: Mapped[list[list[str]]] = mapped_column(JSON)
    """Kind, day (or empty) and amount, as texts: JSON's numbers are no decimals."""
    match: Mapped[dict[str, str]] = mapped_column(JSON)
    imported_ms: Mapped[int] = mapped_column(BigInteger)
    imported_by: Mapped[str] = mapped_column(String(254))
