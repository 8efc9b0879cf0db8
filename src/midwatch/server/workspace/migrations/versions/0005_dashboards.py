"""Dashboards of the workspace, each with its history."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "dashboards",
        sa.Column("uid", sa.String(80), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_ms", sa.BigInteger()),
    )
    op.create_table(
        "dashboard_originals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column(
            "uid", sa.String(80), sa.ForeignKey("dashboards.uid", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("value", sa.JSON(), nullable=False),
    )
    op.create_table(
        "dashboard_versions",
        sa.Column("uid", sa.String(80), sa.ForeignKey("dashboards.uid", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column(
            "original_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("dashboard_originals.id"),
        ),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("description", sa.String(10_000), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("panels", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(500), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(254), nullable=False),
    )
