"""API tokens know whose they are, so that they can do no more than their owner may now."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OWN = ("fixed by MIDWATCH_API_TOKEN", "MIDWATCH_API_TOKEN")
"""Who made the tokens that are nobody's: those of the installation itself."""


def upgrade() -> None:
    with op.batch_alter_table("api_tokens") as batch:
        batch.add_column(sa.Column("user_id", sa.String(32)))
        batch.create_foreign_key("api_tokens_user_id_fkey", "users", ["user_id"], ["id"], ondelete="CASCADE")
        batch.create_index("ix_api_tokens_user_id", ["user_id"])
    tokens = sa.table("api_tokens", *_columns("id", "name", "created_by", "user_id"))
    users = sa.table("users", *_columns("id", "email"))
    owner = sa.select(users.c.id).where(users.c.email == tokens.c.created_by).scalar_subquery()
    op.execute(tokens.update().values(user_id=owner))
    # Made with another token, or by somebody who is gone: whose rights bound it cannot be known any more.
    unknown = sa.and_(tokens.c.user_id.is_(None), tokens.c.created_by.not_in(OWN))
    gone = sa.select(tokens.c.id, tokens.c.name, tokens.c.created_by).where(unknown)
    op.bulk_insert(_audit_log(), [_note(*token) for token in op.get_bind().execute(gone)])
    op.execute(tokens.delete().where(unknown))


def _audit_log() -> sa.TableClause:
    texts = _columns("actor", "action", "target", "address")
    return sa.table("audit_log", sa.column("time_ms", sa.BigInteger()), sa.column("details", sa.JSON()), *texts)


def _columns(*names: str) -> list[sa.ColumnClause[str]]:
    return [sa.column(name, sa.String()) for name in names]


def _note(token_id: str, name: str, maker: str) -> dict[str, object]:
    return {
        "time_ms": time.time_ns() // 1_000_000,
        "actor": "midwatch",
        "action": "token.remove",
        "target": name,
        "details": {"id": token_id, "reason": f"its owner is not known; it was made by {maker}"},
        "address": "",
    }
