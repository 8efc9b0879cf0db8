"""Uploaded source maps: put together, indexed, found again. Each project has its own and sees no other's."""

import asyncio
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any

import structlog

from midwatch.server.issues.source_maps.bundle import Bundle, BundleFile, map_url
from midwatch.server.issues.source_maps.chunks import Chunks
from midwatch.server.issues.source_maps.lookups import Lookup, wanted
from midwatch.server.issues.source_maps.open_maps import NO_MAP, NOTHING, Artifact, OpenMaps
from midwatch.server.issues.source_maps.resolve import resolve
from midwatch.server.issues.source_maps.shelf import Shelf
from midwatch.server.model.actor import Actor
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Conflict
from midwatch.server.model.zstd import ZstdCompressor
from midwatch.server.workspace.artifacts import SOURCE, SOURCE_MAP, ArtifactLedger, Indexed, place_of
from midwatch.server.workspace.models import ArtifactBundleRow, ArtifactFileRow

log = structlog.get_logger(__name__)

IN_MEMORY_BYTES = 4 << 20
"""Of a bundle that is put together; a larger one lies in a file meanwhile."""
FOUND_SECONDS = 30.0
"""For what another server took in to be found by this one."""
FOUND_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Upload:
    """Parts that are a bundle of a project."""

    project: int
    checksum: str
    chunks: Sequence[str]
    release: str = ""
    dist: str = ""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What came new."""

    project: int
    release: str
    debug_ids: frozenset[str]


class ArtifactStore:
    def __init__(self, ledger: ArtifactLedger, blobs: Blobs, shelf: Shelf, clock: Clock) -> None:
        self.ledger, self.chunks = ledger, Chunks(blobs, clock)
        self._blobs, self._shelf, self._clock = blobs, shelf, clock
        self._found: dict[tuple[int, Lookup], tuple[Artifact, float]] = {}
        self._maps = OpenMaps()
        self._listeners: list[Callable[[Uploaded], None]] = []

    def listen(self, hear: Callable[[Uploaded], None]) -> None:
        """Called in the event loop after each upload that is in force."""
        self._listeners.append(hear)

    def now_ns(self) -> int:
        return self._clock.now_ns()

    async def has(self, uploads: Sequence[Upload]) -> bool:
        """Whether all of it was put together before."""
        for one in uploads:
            if not await self.ledger.known(one.project, one.checksum, one.release, one.dist):
                return False
        return True

    async def assemble(self, actor: Actor, uploads: Sequence[Upload]) -> None:
        """Put parts together that are all there, for each project that the upload is for. The same again adds nothing.

        Raises:
            BadRequest, TooLarge: what was uploaded is no bundle or over a limit.
        """
        first = uploads[0]
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
            await self.chunks.join(first.chunks, first.checksum, file)
            for one in uploads:
                file.seek(0)
                await self.take(actor, one, file)
        await self.chunks.drop(first.chunks)

    async def take(self, actor: Actor, upload: Upload, file: IO[bytes]) -> None:
        """A whole bundle. Raises BadRequest, TooLarge."""
        bundle = await asyncio.to_thread(Bundle, file)
        manifest = bundle.manifest
        release, dist = upload.release or manifest.release, upload.dist or manifest.dist
        if await self.ledger.known(upload.project, upload.checksum, release, dist):
            return
        row = ArtifactBundleRow(
            id=uuid.uuid4().hex,
            project=upload.project,
            checksum=upload.checksum,
            release=release,
            dist=dist,
            size_bytes=0,
            created_ms=now_ms(self._clock),
            uploaded_by=actor.name[:254],
        )
        prefix = _prefix(upload.project, row.id)
        try:
            files = await self._keep(bundle, prefix, row)
            gone = await self.ledger.add(actor, row, files)
        except Conflict:  # The same was uploaded at the same moment.
            await self._blobs.drop(prefix)
            return
        except BaseException:
            await self._blobs.drop(prefix)
            raise
        for bundle_id in gone:
            await self._blobs.drop(_prefix(upload.project, bundle_id))
        self._tell(Uploaded(upload.project, release, frozenset(one.debug_id for one in files if one.debug_id)))
        told = {"files": len(files), "skipped": manifest.skipped, "release": release, "size_bytes": row.size_bytes}
        log.info("source_maps.uploaded", project=upload.project, **told)

    async def drop_release(self, actor: Actor, project: int, release: str) -> None:
        for bundle_id in await self.ledger.drop_release(actor, project, release):
            await self._blobs.drop(_prefix(project, bundle_id))
        self._found.clear()

    async def load(self, project: int, lookups: Sequence[Lookup]) -> dict[Lookup, Artifact]:
        """What there is for each, with paths of files that any process of this machine may read."""
        now = self._clock.monotonic()
        found: dict[Lookup, Artifact] = {}
        for one in lookups:
            known = self._found.get((project, one))
            if known is not None and now - known[1] < FOUND_SECONDS:
                found[one] = await self._shelved(known[0])
        missing = [one for one in lookups if one not in found]
        if missing:
            for one, artifact in (await self._look(project, missing)).items():
                if len(self._found) >= FOUND_MAX:
                    self._found.clear()
                self._found[(project, one)] = (artifact, now)
                found[one] = await self._shelved(artifact)
        return found

    async def resolved_for_reading(self, project: int, event: dict[str, Any]) -> dict[str, Any]:
        """The event, or a copy of it with frames resolved for which files came after it."""
        lookups = wanted(event)
        if not lookups:
            return event
        artifacts = await self.load(project, lookups)
        if all(one.source_map is None for one in artifacts.values()):
            return event

        def resolved() -> dict[str, Any]:
            copy = deepcopy(event)
            resolve(copy, self._maps.finder(artifacts))
            return copy

        return await asyncio.to_thread(resolved)

    async def _keep(self, bundle: Bundle, prefix: str, row: ArtifactBundleRow) -> list[Indexed]:
        contents = bundle.contents()
        files: list[Indexed] = []
        while (packed := await asyncio.to_thread(_next, contents)) is not None:
            one, size, reference, content = packed
            blob = f"{prefix}/{len(files)}"
            await self._blobs.put(blob, content)
            row.size_bytes += len(content)
            files.append(Indexed(one.kind, one.url, blob, size, one.debug_id, reference))
        return files

    def _tell(self, uploaded: Uploaded) -> None:
        self._found.clear()
        for hear in self._listeners:
            hear(uploaded)

    async def _shelved(self, artifact: Artifact) -> Artifact:
        """With paths in place of names of blobs."""
        if artifact.source_map is None:
            return artifact
        source_map = await self._shelf.path(str(artifact.source_map))
        source = await self._shelf.path(str(artifact.source)) if artifact.source is not None else None
        return Artifact(artifact.id, source, source_map) if source_map is not None else NO_MAP

    async def _look(self, project: int, lookups: Sequence[Lookup]) -> dict[Lookup, Artifact]:
        """By debug id first, then by release, dist and URL. Paths are names of blobs here."""
        by_id = _by(await self.ledger.by_debug_ids(project, [one.debug_id for one in lookups]), "debug_id")
        places = {one: [place_of(one.release, one.dist, name) for name in one.names()] for one in lookups}
        open_ones = [one for one in lookups if _pair(by_id.get(one.debug_id, [])).source_map is None]
        named = list(chain.from_iterable(places[one] for one in open_ones))
        sources = _by(await self.ledger.by_places(project, named), "place")
        references = [file.map_place for files in sources.values() for file in files if file.map_place]
        maps = _by(await self.ledger.by_places(project, references), "place")
        found = {}
        for one in lookups:
            artifact = _pair(by_id.get(one.debug_id, []))
            if artifact.source_map is None:
                named_one = _named(places[one], sources, maps)
                artifact = named_one if named_one is not NOTHING else artifact
            found[one] = artifact
        return found


def _next(contents: Any) -> tuple[BundleFile, int, str, bytes] | None:
    """The next file with its size, its map's URL and what is kept of it."""
    found = next(contents, None)
    if found is None:
        return None
    one, content = found
    reference = map_url(one, content) if one.kind == SOURCE else ""
    return one, len(content), reference, ZstdCompressor().compress(content, mode=ZstdCompressor.FLUSH_FRAME)


def _prefix(project: int, bundle_id: str) -> str:
    return f"source-maps/{project}/{bundle_id}"


def _by(files: Sequence[ArtifactFileRow], field: str) -> Mapping[str, list[ArtifactFileRow]]:
    found: dict[str, list[ArtifactFileRow]] = {}
    for file in files:
        found.setdefault(getattr(file, field), []).append(file)
    return found


def _pair(files: Sequence[ArtifactFileRow]) -> Artifact:
    """A source and its map of one bundle, the newest; a map alone is enough."""
    for source_map in (file for file in files if file.kind == SOURCE_MAP):
        beside = (file for file in files if file.kind == SOURCE and file.bundle_id == source_map.bundle_id)
        return _artifact(next(beside, None), source_map)
    return NO_MAP if files else NOTHING


def _named(
    places: Sequence[str],
    sources: Mapping[str, list[ArtifactFileRow]],
    maps: Mapping[str, list[ArtifactFileRow]],
) -> Artifact:
    """By the closest of its names, with the map that the source names, of the same bundle where there is one."""
    found = NOTHING
    for place in places:
        for source in (file for file in sources.get(place, ()) if file.kind == SOURCE):
            found = NO_MAP
            named = [file for file in maps.get(source.map_place, ()) if file.kind == SOURCE_MAP]
            if named:
                beside = next((file for file in named if file.bundle_id == source.bundle_id), named[0])
                return _artifact(source, beside)
    return found


def _artifact(source: ArtifactFileRow | None, source_map: ArtifactFileRow) -> Artifact:
    blob = source.blob if source is not None else ""
    return Artifact(f"{blob}|{source_map.blob}", Path(blob) if blob else None, Path(source_map.blob))
