"""Issues."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", _BIG_ID, primary_key=True, autoincrement=True)


def _text(name: str, size: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), nullable=False)


def upgrade() -> None:
    op.create_table(
        "issues",
        _id(),
        sa.Column("project", sa.BigInteger(), nullable=False),
        _text("status", 20),
        _text("substatus", 20),
        _text("title", 300),
        _text("culprit", 300),
        _text("type", 300),
        sa.Column("value", sa.Text(), nullable=False),
        _text("level", 20),
        _text("severity", 40),
        _text("category", 100),
        _text("platform", 64),
        _text("service", 200),
        _text("environment", 200),
        sa.Column("handled", sa.Boolean(), nullable=False),
        _text("priority", 10),
        _text("priority_by", 254),
        _text("primary_hash", 32),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        _text("first_release", 200),
        _text("last_release", 200),
        _text("last_event_id", 64),
        _text("assignee", 254),
        sa.Column("resolved_ms", sa.BigInteger()),
        _text("resolved_in", 210),
        sa.Column("ignored_ms", sa.BigInteger()),
        sa.Column("ignored_until", sa.JSON(), nullable=False),
        sa.Column("merged_into", sa.BigInteger()),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
    )
    op.create_index("issues_newest", "issues", ["project", "status", "last_ms"])
    op.create_index("issues_first", "issues", ["project", "first_ms"])
    op.create_index("issues_status", "issues", ["status", "substatus"])
    op.create_table(
        "issue_groups",
        sa.Column("project", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(32), primary_key=True),
        sa.Column("issue_id", _BIG_ID, sa.ForeignKey("issues.id"), nullable=False, index=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        _text("title", 300),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "issue_activity",
        _id(),
        sa.Column("issue_id", _BIG_ID, sa.ForeignKey("issues.id"), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        _text("kind", 30),
        _text("actor", 254),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
    )
    op.create_index("issue_activity_owed", "issue_activity", ["owed"])
    op.create_index("issue_activity_of", "issue_activity", ["issue_id", "id"])
    op.create_table(
        "issue_links",
        _id(),
        sa.Column("issue_id", _BIG_ID, sa.ForeignKey("issues.id"), nullable=False, index=True),
        _text("tracker", 40),
        _text("url", 1000),
        _text("title", 300),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        _text("made_by", 254),
    )
    op.create_table(
        "digested_segments",
        sa.Column("segment", sa.String(32), primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False, index=True),
    )
