"""Alerts of rules, and every change of their state."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "rule_alerts",
        sa.Column("rule_id", sa.String(16), primary_key=True),
        sa.Column("fingerprint", sa.String(16), primary_key=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.Column("active_ms", sa.BigInteger(), nullable=False),
        sa.Column("fired_ms", sa.BigInteger()),
        sa.Column("resolved_ms", sa.BigInteger()),
    )
    op.create_index("ix_rule_alerts_resolved_ms", "rule_alerts", ["resolved_ms"])
    op.create_table(
        "rule_transitions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.String(16), nullable=False),
        sa.Column("file", sa.String(1024), nullable=False),
        sa.Column("rule_group", sa.String(1024), nullable=False),
        sa.Column("alert_name", sa.String(1024), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("before", sa.String(10), nullable=False),
        sa.Column("after", sa.String(10), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
    )
    op.create_index("rule_transitions_time", "rule_transitions", ["at_ms"])
    op.create_index("rule_transitions_rule", "rule_transitions", ["rule_id", "at_ms"])
    op.create_index("rule_transitions_alert", "rule_transitions", ["alert_name", "at_ms"])
    op.create_index("rule_transitions_fingerprint", "rule_transitions", ["fingerprint", "at_ms"])
