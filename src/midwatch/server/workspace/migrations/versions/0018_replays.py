"""Session replays."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("project", sa.BigInteger(), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("finished_ms", sa.BigInteger(), nullable=False),
        sa.Column("user_label", sa.String(500), nullable=False),
        sa.Column("release", sa.String(500), nullable=False),
        sa.Column("environment", sa.String(500), nullable=False),
        sa.Column("browser", sa.String(100), nullable=False),
        sa.Column("os", sa.String(100), nullable=False),
        sa.Column("device", sa.String(100), nullable=False),
        sa.Column("sdk", sa.String(1001), nullable=False),
        sa.Column("is_buffer", sa.Boolean(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("unpacked_bytes", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("dead_clicks", sa.Integer(), nullable=False),
        sa.Column("rage_clicks", sa.Integer(), nullable=False),
        sa.Column("cut", sa.String(20), nullable=False),
        sa.Column("seen_ms", sa.BigInteger()),
        sa.Column("deleted", sa.Boolean(), nullable=False),
    )
    op.create_index("replays_started", "replays", ["project", "started_ms", "id"])
    op.create_index("replays_finished", "replays", ["finished_ms"])
    op.create_table(
        "replay_segments",
        sa.Column("project", sa.BigInteger(), primary_key=True),
        sa.Column("replay_id", sa.String(32), primary_key=True),
        sa.Column("segment", sa.Integer(), primary_key=True),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("unpacked_bytes", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
    )
    op.create_table(
        "replay_keys",
        sa.Column("project", sa.BigInteger(), primary_key=True),
        sa.Column("replay_id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("value", sa.String(500), primary_key=True),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
    )
    op.create_index("replay_keys_value", "replay_keys", ["project", "kind", "value"])
