"""Which rules were rehearsed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "drills",
        sa.Column("rule_id", sa.String(16), primary_key=True),
        sa.Column("alert", sa.String(300), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("drilled_ms", sa.BigInteger(), nullable=False),
        sa.Column("drilled_by", sa.String(254), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
    )
