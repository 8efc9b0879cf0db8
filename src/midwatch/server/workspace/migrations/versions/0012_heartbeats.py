"""Heartbeats, their signs and changes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("environment", sa.String(200), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("life", sa.JSON(), nullable=False),
        sa.Column("condition", sa.String(20), nullable=False),
        sa.Column("healthy", sa.Boolean(), nullable=False),
        sa.Column("due_ns", sa.BigInteger(), index=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("project", "name", "environment", name="heartbeats_identity"),
    )
    op.create_table(
        "heartbeat_signs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("heartbeat_id", sa.String(36), sa.ForeignKey("heartbeats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.Column("door", sa.String(20), nullable=False),
        sa.Column("detail", sa.String(10_000), nullable=False),
    )
    op.create_index("heartbeat_signs_heartbeat", "heartbeat_signs", ["heartbeat_id", "id"])
    op.create_table(
        "heartbeat_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("heartbeat_id", sa.String(36), sa.ForeignKey("heartbeats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False, index=True),
        sa.Column("condition_from", sa.String(20), nullable=False),
        sa.Column("condition_to", sa.String(20), nullable=False),
        sa.Column("healthy", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
    )
    op.create_index("heartbeat_changes_heartbeat", "heartbeat_changes", ["heartbeat_id", "id"])
