"""What both databases keep of releases and uploads: once, in bounds, and each project's for itself."""

import asyncio
import io
import json
import zipfile
from pathlib import Path

import pytest

from midwatch.server.blobs.directory import DirectoryBlobs
from midwatch.server.issues.source_maps.lookups import Lookup
from midwatch.server.issues.source_maps.open_maps import OpenMaps
from midwatch.server.issues.source_maps.resolve import MALFORMED_SOURCE_MAP, MISSING_SOURCE_MAP, Missing
from midwatch.server.issues.source_maps.shelf import Shelf
from midwatch.server.issues.source_maps.store import ArtifactStore, Upload, Uploaded
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.zstd import ZstdCompressor
from midwatch.server.workspace import artifacts, releases
from midwatch.server.workspace.artifacts import ArtifactLedger
from midwatch.server.workspace.releases import Change, Commit, Deploy, Releases
from midwatch.server.workspace.workspace import Workspace

ACTOR = Actor("token", "t", "ci", Role.EDITOR)
ID = "0d5a3a2e-8b5e-4b1d-9d0e-1c2d3e4f5a6b"
MAP = {"version": 3, "sources": ["a.ts"], "sourcesContent": ["x()\n"], "names": [], "mappings": "AAAA"}


def bundle(mark: str = "", *, content: bytes = json.dumps(MAP).encode()) -> io.BytesIO:
    """One file and its map, with debug ids."""
    found = io.BytesIO()
    headers = {"debug-id": ID}
    files = {
        "a": {"url": "~/a.js", "type": "minified_source", "headers": {**headers, "sourcemap": "a.js.map"}},
        "m": {"url": "~/a.js.map", "type": "source_map", "headers": headers},
    }
    with zipfile.ZipFile(found, "w") as made:
        made.writestr("manifest.json", json.dumps({"files": files}))
        made.writestr("a", f"x(){mark}")
        made.writestr("m", content)
    found.seek(0)
    return found


def store_of(
    workspace: Workspace, clock: VirtualClock, directory: Path, *, shelf_bytes: int = 1 << 20
) -> ArtifactStore:
    blobs = DirectoryBlobs(directory / "blobs")
    shelf = Shelf(blobs, directory / "shelf", shelf_bytes)
    shelf.open()
    return ArtifactStore(ArtifactLedger(workspace.database, clock), blobs, shelf, clock)


async def test_releases(workspace: Workspace, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made once, changed in part; of too many the oldest go, with what belongs to them."""
    monkeypatch.setattr(releases, "RELEASES_MAX", 3)
    kept = Releases(workspace.database, clock)
    row, new = await kept.put(ACTOR, 1, "v0", Change(url="https://ci.example"))
    assert (new, (await kept.put(ACTOR, 1, "v0", Change(ref="main")))[1]) == (True, False)
    again = await kept.get(1, "v0")
    assert again is not None
    assert (again.url, again.ref, again.released_ms) == ("https://ci.example", "main", None)
    await kept.put_commits(ACTOR, 1, "v0", [Commit("a" * 300, message="m" * 9000, files=["f"] * 900)])
    (commit,) = await kept.commits(row.id)
    assert (len(commit.sha), len(commit.message), len(commit.files)) == (100, 4000, 500)
    await kept.add_deploy(ACTOR, 1, "v0", Deploy("production", 5))
    assert await kept.get(2, "v0") is None
    clock.advance(1)
    for version in ("v1", "v2", "v3"):
        await kept.put(ACTOR, 1, version, Change())
        clock.advance(1)
    assert [one.version for one in await kept.newest(1, limit=9)] == ["v3", "v2", "v1"]
    assert await kept.commits(row.id) == []
    assert await kept.deploys_between(1, 0, 10) == []
    assert await kept.previous_with_commits(1, "v3") is None
    assert {one.version for one in await kept.of(1, {"v0", "v1", "v3", "other"})} == {"v1", "v3"}


async def test_jobs_of_one_release_at_the_same_moment(workspace: Workspace, clock: VirtualClock) -> None:
    """Each marks its deploy, whichever of them makes the release."""
    kept = Releases(workspace.database, clock)
    jobs = (kept.add_deploy(ACTOR, 1, "v9", Deploy("production", at, service=str(at))) for at in range(4))
    await asyncio.gather(*jobs, kept.put_commits(ACTOR, 1, "v9", [Commit("a")]))
    row = await kept.get(1, "v9")
    assert row is not None
    assert len(await kept.deploys_of(row.id)) == 4
    assert [one.sha for one in await kept.commits(row.id)] == ["a"]


async def test_uploads(
    workspace: Workspace, clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same is kept once; who listens hears of what is new; the newest wins, and over the limit the oldest go."""
    store, heard = store_of(workspace, clock, tmp_path), list[Uploaded]()
    store.listen(heard.append)
    lookup = Lookup("https://x.example/a.js", ID)
    assert (await store.load(1, [lookup]))[lookup].reason == "missing_source"
    for _ in range(2):
        await store.take(ACTOR, Upload(1, "1" * 40, ()), bundle())
    assert heard == [Uploaded(1, "", frozenset({ID}))]
    first = (await store.load(1, [lookup]))[lookup]
    assert first.source_map is not None
    assert json.loads(first.source_map.read_bytes()) == MAP
    assert (await store.load(2, [lookup]))[lookup].source_map is None

    monkeypatch.setattr(artifacts, "BUNDLES_MAX", 1)
    clock.advance(1)
    await store.take(ACTOR, Upload(1, "2" * 40, ()), bundle("2"))
    second = (await store.load(1, [lookup]))[lookup]
    assert second.source is not None
    assert second.source.read_text() == "x()2"
    assert second.id != first.id
    left = [one.name async for one in DirectoryBlobs(tmp_path / "blobs").list("source-maps/1")]
    assert len(left) == 2, "the older one's blobs are gone with it"
    await store.take(ACTOR, Upload(3, "3" * 40, ()), bundle(content=b"no map"))
    broken = (await store.load(3, [lookup]))[lookup]
    assert OpenMaps().get(broken) == Missing(MALFORMED_SOURCE_MAP)


async def test_the_shelf_stays_small(workspace: Workspace, clock: VirtualClock, tmp_path: Path) -> None:
    """What was not used for longest goes; a process that is late with a path is told, and the next one has it again."""
    store = store_of(workspace, clock, tmp_path, shelf_bytes=1500)
    for project in range(1, 9):
        await store.take(ACTOR, Upload(project, "1" * 40, ()), bundle("x" * 500))
    lookup = Lookup("https://x.example/a.js", ID)
    found = [(await store.load(project, [lookup]))[lookup] for project in range(1, 9)]
    assert sum(file.stat().st_size for file in (tmp_path / "shelf").iterdir()) <= 1500
    assert OpenMaps().get(found[0]) == Missing(MISSING_SOURCE_MAP)
    again = (await store.load(1, [lookup]))[lookup]
    assert not isinstance(OpenMaps().get(again), Missing)


async def test_who_stops_waiting_leaves_nothing_behind(tmp_path: Path) -> None:
    """A file that came after its reader had gone is brought again once it has left the shelf."""
    blobs = DirectoryBlobs(tmp_path / "blobs")
    shelf = Shelf(blobs, tmp_path / "shelf", 1)
    shelf.open()
    for name in "abc":
        await blobs.put(name, ZstdCompressor().compress(b"xx", mode=ZstdCompressor.FLUSH_FRAME))
    waiting = asyncio.create_task(shelf.path("a"))
    await asyncio.sleep(0)
    waiting.cancel()
    while not (tmp_path / "shelf" / "a").exists():
        await asyncio.sleep(0.01)
    for name in "bca":
        path = await shelf.path(name)
        assert path is not None
        assert path.exists(), name
