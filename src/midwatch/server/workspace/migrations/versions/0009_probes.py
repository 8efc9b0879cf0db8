"""Where probes stand, how they came there, and days of probes and heartbeats."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "probe_standings",
        sa.Column("probe", sa.String(200), primary_key=True),
        sa.Column("location", sa.String(200), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("taken_ms", sa.BigInteger(), nullable=False, index=True),
        sa.Column("value", sa.JSON(), nullable=False),
    )
    op.create_table(
        "probe_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("probe", sa.String(200), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False, index=True),
        sa.Column("state_from", sa.String(20), nullable=False),
        sa.Column("state_to", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("detail", sa.String(1000), nullable=False),
    )
    op.create_index("probe_changes_probe", "probe_changes", ["probe", "id"])
    op.create_table(
        "monitor_days",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(420), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True),
        sa.Column("up_seconds", sa.Double(), nullable=False),
        sa.Column("down_seconds", sa.Double(), nullable=False),
        sa.Column("unknown_seconds", sa.Double(), nullable=False),
    )
