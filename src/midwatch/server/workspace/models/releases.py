"""Releases: what was released when, with which commits, where it was deployed, and its source maps."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base


class ReleaseRow(Base):
    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("project", "version", name="releases_version"),
        Index("releases_newest", "project", "created_ms"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    project: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(String(200))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    released_ms: Mapped[int | None] = mapped_column(BigInteger)
    url: Mapped[str] = mapped_column(String(1000))
    ref: Mapped[str] = mapped_column(String(200))
    archived: Mapped[bool]


class ReleaseCommitRow(Base):
    """A commit of a release, the newest first by position."""

    __tablename__ = "release_commits"

    release_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    sha: Mapped[str] = mapped_column(String(100))
    repository: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    message: Mapped[str] = mapped_column(Text)
    at_ms: Mapped[int | None] = mapped_column(BigInteger)
    files: Mapped[list[Any]] = mapped_column(JSON)
    """Paths that it touches."""


class DeployRow(Base):
    __tablename__ = "deploys"
    __table_args__ = (Index("deploys_finished", "project", "finished_ms"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    release_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("releases.id", ondelete="CASCADE"), index=True)
    project: Mapped[int] = mapped_column(BigInteger)
    environment: Mapped[str] = mapped_column(String(200))
    service: Mapped[str] = mapped_column(String(200))
    """Empty: all of them."""
    name: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(1000))
    started_ms: Mapped[int | None] = mapped_column(BigInteger)
    finished_ms: Mapped[int] = mapped_column(BigInteger)
    marked_by: Mapped[str] = mapped_column(String(254))


class ArtifactBundleRow(Base):
    """One upload of files; `id` is the last part of the prefix of its blobs."""

    __tablename__ = "artifact_bundles"
    __table_args__ = (
        UniqueConstraint("project", "checksum", "release", "dist", name="artifact_bundles_identity"),
        Index("artifact_bundles_newest", "project", "created_ms"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project: Mapped[int] = mapped_column(BigInteger)
    checksum: Mapped[str] = mapped_column(String(40))
    """SHA-1 of what was uploaded, as the protocol has it."""
    release: Mapped[str] = mapped_column(String(200))
    dist: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    """Of its blobs."""
    created_ms: Mapped[int] = mapped_column(BigInteger)
    uploaded_by: Mapped[str] = mapped_column(String(254))


class ArtifactFileRow(Base):
    __tablename__ = "artifact_files"
    __table_args__ = (
        Index("artifact_files_debug_id", "project", "debug_id"),
        Index("artifact_files_place", "project", "place"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    bundle_id: Mapped[str] = mapped_column(ForeignKey("artifact_bundles.id", ondelete="CASCADE"), index=True)
    project: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12))
    """`source` or `source_map`."""
    debug_id: Mapped[str] = mapped_column(String(36))
    place: Mapped[str] = mapped_column(String(64))
    """SHA-256 of release, dist and URL; empty without a release."""
    map_place: Mapped[str] = mapped_column(String(64))
    """Of a source: the place of its map; empty where it names none."""
    url: Mapped[str] = mapped_column(String(1000))
    blob: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    """Unpacked."""
