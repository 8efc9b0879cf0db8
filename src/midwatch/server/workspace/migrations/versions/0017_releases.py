"""Releases, their commits and deploys, and the files that were uploaded for them."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def _id() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, primary_key=True, autoincrement=True)


def upgrade() -> None:
    op.create_table(
        "releases",
        _id(),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("released_ms", sa.BigInteger()),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("project", "version", name="releases_version"),
    )
    op.create_index("releases_newest", "releases", ["project", "created_ms"])
    op.create_table(
        "release_commits",
        sa.Column("release_id", sa.BigInteger(), sa.ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("sha", sa.String(100), nullable=False),
        sa.Column("repository", sa.String(200), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger()),
        sa.Column("files", sa.JSON(), nullable=False),
    )
    op.create_table(
        "deploys",
        _id(),
        sa.Column(
            "release_id", sa.BigInteger(), sa.ForeignKey("releases.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("environment", sa.String(200), nullable=False),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("started_ms", sa.BigInteger()),
        sa.Column("finished_ms", sa.BigInteger(), nullable=False),
        sa.Column("marked_by", sa.String(254), nullable=False),
    )
    op.create_index("deploys_finished", "deploys", ["project", "finished_ms"])
    op.create_table(
        "artifact_bundles",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.String(40), nullable=False),
        sa.Column("release", sa.String(200), nullable=False),
        sa.Column("dist", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.String(254), nullable=False),
        sa.UniqueConstraint("project", "checksum", "release", "dist", name="artifact_bundles_identity"),
    )
    op.create_index("artifact_bundles_newest", "artifact_bundles", ["project", "created_ms"])
    op.create_table(
        "artifact_files",
        _id(),
        sa.Column(
            "bundle_id",
            sa.String(32),
            sa.ForeignKey("artifact_bundles.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("debug_id", sa.String(36), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("map_place", sa.String(64), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("blob", sa.String(200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
    )
    op.create_index("artifact_files_debug_id", "artifact_files", ["project", "debug_id"])
    op.create_index("artifact_files_place", "artifact_files", ["project", "place"])
