"""Who takes over on call, and since when a group of alerts climbs."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("alert_groups", sa.Column("climbs_ns", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "on_call_overrides",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("schedule", sa.String(200), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("ix_on_call_overrides_end_ms", "on_call_overrides", ["end_ms"])
