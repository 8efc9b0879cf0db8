"""Steps of runbooks that were ticked off."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "runbook_ticks",
        sa.Column("occasion", sa.String(80), primary_key=True),
        sa.Column("runbook", sa.String(300), primary_key=True),
        sa.Column("step", sa.String(16), primary_key=True),
        sa.Column("done_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_by", sa.String(254), nullable=False),
    )
    op.create_index("ix_runbook_ticks_done_ms", "runbook_ticks", ["done_ms"])
