"""Incidents and maintenance of the status page."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "status_notices",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("impact", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("starts_ms", sa.BigInteger(), nullable=False, index=True),
        sa.Column("ends_ms", sa.BigInteger()),
        sa.Column("updates", sa.JSON(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
    )
