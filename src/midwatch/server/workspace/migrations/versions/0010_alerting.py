"""What alerting remembers: alerts, the times of groups, silences, marks, what happened."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("fingerprint", sa.String(16), primary_key=True),
        _column("labels", sa.JSON()),
        _column("annotations", sa.JSON()),
        _column("starts_ns", sa.BigInteger()),
        _column("ends_ns", sa.BigInteger()),
        _column("updated_ns", sa.BigInteger()),
        _column("generator_url", sa.Text()),
        _column("timeout", sa.Boolean()),
    )
    op.create_table(
        "alert_groups",
        sa.Column("id", sa.String(64), primary_key=True),
        _column("route", sa.Text()),
        _column("labels", sa.Text()),
        _column("next_ns", sa.BigInteger()),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.String(36), primary_key=True),
        _column("matchers", sa.JSON()),
        _column("starts_ns", sa.BigInteger()),
        sa.Column("ends_ns", sa.BigInteger(), nullable=False, index=True),
        _column("updated_ns", sa.BigInteger()),
        _column("created_by", sa.Text()),
        _column("comment", sa.Text()),
        _column("annotations", sa.JSON()),
    )
    op.create_table(
        "alert_marks",
        sa.Column("id", sa.String(36), primary_key=True),
        _column("kind", sa.String(20)),
        _column("fingerprints", sa.JSON()),
        _column("by", sa.String(254)),
        _column("at_ns", sa.BigInteger()),
        _column("comment", sa.Text()),
        _column("group_key", sa.Text()),
        _column("until_ns", sa.BigInteger()),
        _column("assignee", sa.String(254)),
    )
    op.create_table(
        "alert_events",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        _column("at_ns", sa.BigInteger()),
        _column("kind", sa.String(20)),
        _column("rule", sa.String(300)),
        _column("fingerprint", sa.String(16)),
        _column("labels", sa.JSON()),
        _column("group_key", sa.Text()),
        _column("receiver", sa.String(200)),
        _column("by", sa.String(254)),
        _column("comment", sa.Text()),
        _column("details", sa.JSON()),
    )
    op.create_index("alert_events_time", "alert_events", ["at_ns"])
    op.create_index("alert_events_rule", "alert_events", ["rule", "at_ns"])
    op.create_index("alert_events_alert", "alert_events", ["fingerprint", "at_ns"])
    op.create_table(
        "alert_mail",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        _column("kind", sa.String(20)),
        _column("value", sa.JSON()),
    )
