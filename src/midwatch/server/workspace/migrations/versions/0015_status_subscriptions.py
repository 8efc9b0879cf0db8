"""Subscribers of the status page by mail, and the mails that are owed to them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("status_notices", sa.Column("begun_ms", sa.BigInteger()))
    op.create_table(
        "status_confirmations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("mailbox", sa.String(64), nullable=False, index=True),
        sa.Column("client", sa.String(64), nullable=False, index=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False, index=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "status_subscribers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("address", sa.String(254), nullable=False, unique=True),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
    )
    op.create_table(
        "status_mails",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("confirmation_id", sa.String(32)),
        sa.Column("subscriber_id", sa.String(32), index=True),
        sa.Column("notice_id", sa.String(32)),
        sa.Column("updates", sa.Integer(), nullable=False),
        sa.Column("begins", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("finished_ms", sa.BigInteger(), index=True),
        sa.Column("error", sa.Text(), nullable=False),
    )
    op.create_index("status_mails_waiting", "status_mails", ["state", "turn", "number"])
    op.create_index("status_mails_of_notice", "status_mails", ["notice_id", "subscriber_id"])
