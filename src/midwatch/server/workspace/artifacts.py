"""The index of uploaded source files and source maps. Their content is in blobs."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import ArtifactBundleRow, ArtifactFileRow

SOURCE = "source"
SOURCE_MAP = "source_map"
BUNDLES_MAX = 2000
"""Of one project, the newest."""
STORED_BYTES_MAX = 8 << 30
"""Of one project, the newest bundles."""
_NAMES_A_STATEMENT = 400


@dataclass(frozen=True, slots=True)
class Indexed:
    """One file of a bundle."""

    kind: str
    url: str
    blob: str
    size_bytes: int
    debug_id: str = ""
    map_url: str = ""
    """Of a source: the URL of its map."""


def place_of(release: str, dist: str, url: str) -> str:
    """What a file of a release is found by; empty without a release, when only debug ids find it."""
    return hashlib.sha256(f"{release}\0{dist}\0{url}".encode()).hexdigest() if release and url else ""


class ArtifactLedger:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def known(self, project: int, checksum: str, release: str, dist: str) -> bool:
        """Whether this was uploaded before."""
        query = select(ArtifactBundleRow.id).where(
            ArtifactBundleRow.project == project,
            ArtifactBundleRow.checksum == checksum,
            ArtifactBundleRow.release == release,
            ArtifactBundleRow.dist == dist,
        )
        return await self._database.call(lambda s: s.scalar(query)) is not None

    async def add(self, actor: Actor, bundle: ArtifactBundleRow, files: Sequence[Indexed]) -> list[str]:
        """Ids of bundles that are over the limits with it, and are in no index any more.

        Raises:
            Conflict: it is there already.
        """

        def work(session: Session) -> list[str]:
            session.add(bundle)
            told = {"project": bundle.project, "files": len(files), "release": bundle.release}
            session.add(noted(self._clock, actor, "source_maps.upload", bundle.checksum, told))
            session.flush()
            for one in files:
                session.add(
                    ArtifactFileRow(
                        bundle_id=bundle.id,
                        project=bundle.project,
                        kind=one.kind,
                        debug_id=one.debug_id,
                        place=place_of(bundle.release, bundle.dist, one.url),
                        map_place=place_of(bundle.release, bundle.dist, one.map_url),
                        url=one.url,
                        blob=one.blob,
                        size_bytes=one.size_bytes,
                    )
                )
            session.flush()
            return self._drop_over(session, bundle.project)

        return await self._database.call(work)

    async def by_debug_ids(self, project: int, debug_ids: Collection[str]) -> list[ArtifactFileRow]:
        """The newest first."""
        return await self._files(project, ArtifactFileRow.debug_id, debug_ids)

    async def by_places(self, project: int, places: Collection[str]) -> list[ArtifactFileRow]:
        """The newest first."""
        return await self._files(project, ArtifactFileRow.place, places)

    async def of_release(self, project: int, release: str, *, limit: int) -> list[ArtifactFileRow]:
        """By URL."""
        query = select(ArtifactFileRow).join(ArtifactBundleRow, ArtifactBundleRow.id == ArtifactFileRow.bundle_id)
        query = query.where(ArtifactBundleRow.project == project, ArtifactBundleRow.release == release)
        query = query.order_by(ArtifactFileRow.url, ArtifactFileRow.id).limit(limit)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def drop_release(self, actor: Actor, project: int, release: str) -> list[str]:
        """Forget what was uploaded for a release; ids of the bundles."""

        def work(session: Session) -> list[str]:
            query = select(ArtifactBundleRow.id).where(
                ArtifactBundleRow.project == project, ArtifactBundleRow.release == release
            )
            gone = list(session.scalars(query))
            _delete(session, gone)
            if gone:
                told = {"project": project, "bundles": len(gone)}
                session.add(noted(self._clock, actor, "source_maps.remove", release, told))
            return gone

        return await self._database.call(work)

    async def counts(self, project: int, releases: Collection[str]) -> dict[str, int]:
        """How many files were uploaded for each."""
        query = select(ArtifactBundleRow.release, func.count()).join(
            ArtifactFileRow, ArtifactFileRow.bundle_id == ArtifactBundleRow.id
        )
        query = query.where(
            ArtifactBundleRow.project == project, ArtifactBundleRow.release.in_(list(releases)[:_NAMES_A_STATEMENT])
        )
        query = query.group_by(ArtifactBundleRow.release)
        return await self._database.call(lambda s: {row[0]: row[1] for row in s.execute(query)})

    async def _files(self, project: int, column: object, names: Collection[str]) -> list[ArtifactFileRow]:
        wanted = sorted({name for name in names if name})[:_NAMES_A_STATEMENT]
        if not wanted:
            return []
        query = select(ArtifactFileRow).where(ArtifactFileRow.project == project, column.in_(wanted))  # type: ignore[attr-defined]
        return await self._database.call(lambda s: list(s.scalars(query.order_by(ArtifactFileRow.id.desc()))))

    def _drop_over(self, session: Session, project: int) -> list[str]:
        newest = select(ArtifactBundleRow.id, ArtifactBundleRow.size_bytes).where(ArtifactBundleRow.project == project)
        newest = newest.order_by(ArtifactBundleRow.created_ms.desc(), ArtifactBundleRow.id)
        gone, total = [], 0
        for index, (bundle_id, size) in enumerate(session.execute(newest)):
            total += size
            # The newest stays, whatever its size.
            if index and (index >= BUNDLES_MAX or total > STORED_BYTES_MAX):
                gone.append(bundle_id)
        _delete(session, gone)
        return gone


def _delete(session: Session, bundle_ids: Sequence[str]) -> None:
    for bundle_id in bundle_ids:
        session.execute(delete(ArtifactFileRow).where(ArtifactFileRow.bundle_id == bundle_id))
        session.execute(delete(ArtifactBundleRow).where(ArtifactBundleRow.id == bundle_id))
