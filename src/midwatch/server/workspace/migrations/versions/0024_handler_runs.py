"""Failed runs of handlers, and orders to replay them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "handler_runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("environment", sa.String(200), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("handler", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("error_type", sa.String(300), nullable=False),
        sa.Column("error_text", sa.Text(), nullable=False),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("span_id", sa.String(16), nullable=False),
        sa.Column("correlation_id", sa.String(128), nullable=False),
        sa.Column("group_hash", sa.String(32), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("failed_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_ms", sa.BigInteger()),
        sa.Column("told_ms", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
    )
    op.create_index("handler_runs_newest", "handler_runs", ["project", "failed_ms", "id"])
    op.create_index("handler_runs_of_group", "handler_runs", ["project", "group_hash"])
    op.create_index("handler_runs_told", "handler_runs", ["project", "service", "told_ms"])
    op.create_table(
        "handler_orders",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("run", sa.String(32), sa.ForeignKey("handler_runs.id"), nullable=False, index=True),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("environment", sa.String(200), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("handler", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("confirm_unknown", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("asked_by", sa.String(254), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("given_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("given_to", sa.String(200), nullable=False),
        sa.Column("finished_ms", sa.BigInteger()),
    )
    op.create_index("handler_orders_due", "handler_orders", ["state", "project", "service", "environment", "due_ms"])
    op.create_index("handler_orders_of_batch", "handler_orders", ["batch_id"])
    op.create_index("handler_orders_asked", "handler_orders", ["asked_ms"])
    op.create_table(
        "handlers_seen",
        sa.Column("project", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("service", sa.String(200), primary_key=True),
        sa.Column("environment", sa.String(200), primary_key=True),
        sa.Column("handler", sa.String(200), primary_key=True),
        sa.Column("instance", sa.String(200), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
    )
