"""What is owed to receivers, what was tried, and what they were told last."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("number", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("receiver", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("group_hash", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("firing", sa.Integer(), nullable=False),
        sa.Column("resolved", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("finished_ms", sa.BigInteger()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("resend_of", sa.String(36)),
    )
    waiting = ["state", "receiver", "kind", "place", "next_ms"]
    op.create_index("notifications_waiting", "notifications", waiting)
    op.create_index("notifications_of_group", "notifications", ["group_hash", "number"])
    op.create_index("notifications_created", "notifications", ["created_ms"])
    op.create_table(
        "notification_attempts",
        sa.Column(
            "number",
            _SERIAL,
            sa.ForeignKey("notifications.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("attempt", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("exchanges", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
    )
    op.create_table(
        "notifications_told",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("integration", sa.String(300), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False, index=True),
        sa.Column("firing", sa.JSON(), nullable=False),
        sa.Column("resolved", sa.JSON(), nullable=False),
        sa.Column("receipt", sa.JSON()),
    )
    op.create_table(
        "notification_integrations",
        sa.Column("receiver", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("delivered_ms", sa.BigInteger()),
        sa.Column("failed_ms", sa.BigInteger()),
        sa.Column("failing_since_ms", sa.BigInteger()),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
    )
