"""Heads and anchors of the chains of domain events; how far teams' tables were read."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "event_heads",
        sa.Column("project", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "event_anchors",
        sa.Column("project", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "event_sources",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("safe", sa.String(100), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
    )
