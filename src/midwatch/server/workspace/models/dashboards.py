"""Dashboards of the workspace and their versions."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class DashboardRow(Base):
    """A dashboard of the workspace, by its newest version (workspace/dashboards.py)."""

    __tablename__ = "dashboards"

    uid: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    deleted_ms: Mapped[int | None] = mapped_column(BigInteger)
    """Where set, it is listed nowhere, and any of its versions can be restored for a while."""


class DashboardOriginalRow(Base):
    """The JSON that a dashboard was imported from: what only its maker knows goes out again with an export."""

    __tablename__ = "dashboard_originals"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    uid: Mapped[str] = mapped_column(ForeignKey("dashboards.uid", ondelete="CASCADE"), index=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)


class DashboardVersionRow(Base):
    __tablename__ = "dashboard_versions"

    uid: Mapped[str] = mapped_column(ForeignKey("dashboards.uid", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    """A `Dashboard` of schemas/dashboards/board.py, without its defaults."""
    original_id: Mapped[int | None] = mapped_column(ForeignKey("dashboard_originals.id"))
    title: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(String(10_000))
    tags: Mapped[list[str]] = mapped_column(JSON)
    panels: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    message: Mapped[str] = mapped_column(String(500))
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    changed_by: Mapped[str] = mapped_column(String(254))
