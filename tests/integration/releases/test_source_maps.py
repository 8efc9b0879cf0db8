"""Source maps uploaded by Sentry's own tools, and events of its own SDK resolved with them."""

import asyncio
import json
import zlib
from collections.abc import Coroutine
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from midwatch.server.blobs.directory import DirectoryBlobs
from midwatch.server.issues.source_maps.lookups import wanted
from midwatch.server.issues.source_maps.open_maps import OpenMaps
from midwatch.server.issues.source_maps.resolve import resolve
from midwatch.server.issues.source_maps.shelf import Shelf
from midwatch.server.issues.source_maps.store import ArtifactStore
from midwatch.server.model.clock import WallClock
from midwatch.server.workspace.artifacts import ArtifactLedger
from midwatch.server.workspace.database import Database
from tests.conftest import TOKEN, Server
from tests.eventually import eventually
from tests.integration.clients.conftest import NODE_CLIENTS
from tests.integration.releases.conftest import MAIN, PAY, Front

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("node"), pytest.mark.thorough]
T = TypeVar("T")
PLUGIN = NODE_CLIENTS / "node_modules" / "@sentry" / "bundler-plugins" / "build" / "esm" / "vite" / "index.js"


class Reader:
    """Another process of the same installation: with the server's workspace and blobs, and a shelf of its own."""

    def __init__(self, server: Server, directory: Path) -> None:
        self._database = Database(f"sqlite:///{server.data / 'workspace.db'}")
        self._blobs, self._directory, self._maps = DirectoryBlobs(server.data / "blobs"), directory, OpenMaps()

    def resolved(self, event: dict[str, Any], project: int = 1) -> dict[str, Any]:
        """As the digest does it."""

        async def work() -> dict[str, Any]:
            store = self._store()
            copy = deepcopy(event)
            artifacts = await store.load(project, wanted(copy))
            resolve(copy, self._maps.finder(artifacts))
            return copy

        return self._run(work())

    def read_again(self, event: dict[str, Any], project: int = 1) -> dict[str, Any]:
        """As whoever looks at a stored event sees it."""
        return self._run(self._store().resolved_for_reading(project, event))

    def _store(self) -> ArtifactStore:
        shelf, clock = Shelf(self._blobs, self._directory), WallClock()
        shelf.open()
        return ArtifactStore(ArtifactLedger(self._database, clock), self._blobs, shelf, clock)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(work)


@pytest.fixture
def reader(server: Server, tmp_path: Path) -> Reader:
    return Reader(server, tmp_path / "shelf")


def frames(event: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = event["exception"]["values"][-1]["stacktrace"]["frames"]
    return found


def assert_resolved(event: dict[str, Any]) -> None:
    """Both frames of the app stand where they do in its sources."""
    caller, thrower = frames(event)[-2:]
    assert (caller["function"], caller["filename"], caller["lineno"]) == ("checkout", "src/main.ts", 4)
    assert caller["context_line"] == MAIN.splitlines()[3]
    assert (thrower["function"], thrower["filename"], thrower["lineno"]) == ("chargeCard", "src/pay.ts", 4)
    assert thrower["context_line"] == PAY.splitlines()[3]
    assert thrower["pre_context"] == PAY.splitlines()[:3]
    assert thrower["in_app"] is True
    raw = event["exception"]["values"][-1]["raw_stacktrace"]["frames"][-1]
    assert raw["filename"].endswith("main.js")
    assert raw["function"] != "chargeCard", "minified"


def test_by_debug_id_and_an_upload_that_comes_late(front: Front, reader: Reader) -> None:
    """Told of what is missing; resolved when it is uploaded; for its own project alone."""
    front.build()
    front.cli("sourcemaps", "inject", "dist")
    event = front.event()
    first = reader.resolved(event)
    assert frames(first) == frames(event)
    url = frames(event)[-1].get("abs_path") or frames(event)[-1]["filename"]
    assert {"type": "missing_source", "url": url} in first["errors"]

    assert "Source Map Upload Report" in front.cli("sourcemaps", "upload", "dist")
    later = reader.read_again(first)
    assert_resolved(later)
    assert url not in {one["url"] for one in later["errors"]}
    assert reader.read_again(later) == later, "nothing is left to resolve"
    assert_resolved(reader.resolved(event))

    strange = reader.resolved(event, project=2)
    assert frames(strange) == frames(event), "another project's files are not seen"
    front.cli("sourcemaps", "upload", "dist", SENTRY_PROJECT="2")
    assert_resolved(reader.resolved(event, project=2))


def test_errors_that_are_sent_and_looked_at(front: Front, server: Server) -> None:
    """Through the door, the digest and the API: one whose map comes later, and one whose map is there."""
    front.build()
    front.cli("sourcemaps", "inject", "dist")
    with server.api() as api:
        made = api.post("/api/v1/keys", json={"name": "front", "project": 5}).json()
        dsn = server.url.replace("://", f"://{made['key']}@") + "/5"

        def sent() -> str:
            return str(front.event("shop@5.0", dsn=dsn)["event_id"])

        def shown(event_id: str) -> dict[str, Any] | None:
            found = api.get(f"/api/v1/errors/events/{event_id}", params={"project": 5})
            return dict(found.json()["event"]) if found.status_code == 200 else None

        early = sent()
        before = eventually(lambda: shown(early))
        assert "missing_source" in {one["type"] for one in before["errors"]}
        assert frames(before)[-1]["function"] != "chargeCard"
        front.cli("sourcemaps", "upload", "dist", SENTRY_PROJECT="5")
        late = sent()
        assert_resolved(eventually(lambda: shown(late)))
        after = shown(early)
        assert after is not None
        assert_resolved(after)

        def counted() -> dict[str, Any] | None:
            release = api.get("/api/v1/releases/shop@5.0", params={"project": 5}).json()
            return dict(release) if release["summary"]["events"] == 2 else None

        release = eventually(counted)
        assert release["summary"]["unhandled"] == 0
        assert release["summary"]["new_issues"] == len(release["new_issues"]) > 0
        assert "cannot charge" in release["new_issues"][0]["title"]


def test_by_release_and_url(front: Front, reader: Reader) -> None:
    """Without debug ids: of the same release and dist, under `~/…`, whatever host and query the page has."""
    front.build()
    front.cli("sourcemaps", "upload", "--release", "shop@1.0", "--dist", "web", "--url-prefix", "~/static", "dist")
    event = front.event("shop@1.0")
    event.pop("debug_meta", None)
    event["dist"] = "web"
    for frame in frames(event)[-2:]:
        frame["abs_path"] = "https://shop.example/static/assets/main.js?v=3"
    assert_resolved(reader.resolved(event))
    for other in ({"dist": "ios"}, {"release": "shop@2.0"}):
        missed = reader.resolved({**event, **other})
        assert frames(missed) == frames(event)
        assert "missing_source" in {one["type"] for one in missed["errors"]}
    nameless = {name: value for name, value in event.items() if name != "release"}
    assert "missing_release" in {one["type"] for one in reader.resolved(nameless)["errors"]}


def test_the_bundler_plugin(front: Front, reader: Reader, server: Server) -> None:
    """Sentry's plugin for Vite, as it is: it uploads, makes the release, and marks the deploy."""
    said = front.build(WITH_PLUGIN=str(PLUGIN))
    assert "Error" not in said
    event = front.event()
    assert_resolved(reader.resolved(event))
    with server.api() as api:
        summary = api.get("/api/v1/releases/plugin@1").json()["summary"]
    assert (summary["known"], summary["deploys"], summary["last_deploy"]["environment"]) == (True, 1, "staging")
    assert summary["released"] is not None


def test_single_files_as_old_tools_send_them(front: Front, reader: Reader, server: Server) -> None:
    """One by one, the map named by a header; listed, and removed by release."""
    front.build()
    at = "/api/0/projects/midwatch/1/releases/old@1"
    built = front.directory / "dist" / "assets"
    with server.api() as api:
        for name, header in (("main.js", {"header": "Sourcemap:main.js.map"}), ("main.js.map", {})):
            data = {"name": f"~/assets/{name}", **header}
            answer = api.post(f"{at}/files/", data=data, files={"file": (name, (built / name).read_bytes())})
            assert answer.status_code == 201, answer.text
        assert {one["name"] for one in api.get(f"{at}/files/").json()} == {"~/assets/main.js", "~/assets/main.js.map"}
        event = front.event("old@1")
        event.pop("debug_meta", None)
        for frame in frames(event)[-2:]:
            frame["abs_path"] = "app:///assets/main.js"
        assert_resolved(reader.resolved(event))
        gone = api.delete("/api/0/projects/midwatch/1/files/source-maps/", params={"name": "old@1"})
        assert (gone.status_code, api.get(f"{at}/files/").json()) == (204, [])
    assert frames(reader.resolved(event)) == frames(event)


def assembled(api: httpx.Client, content: bytes, *, projects: object = ("1",), **fields: object) -> httpx.Response:
    """As sentry-cli does it, with content that it would never send."""
    import hashlib

    sha1 = hashlib.sha1(content).hexdigest()
    asked = {"checksum": sha1, "chunks": [sha1], "projects": projects, **fields}
    at = "/api/0/organizations/midwatch"
    first = api.post(f"{at}/artifactbundle/assemble/", json=asked)
    if first.status_code != 200 or first.json()["state"] != "not_found":
        return first
    assert first.json()["missingChunks"] == [sha1]
    assert api.post(f"{at}/chunk-upload/", files={"file": (sha1, content)}).status_code == 200
    return api.post(f"{at}/artifactbundle/assemble/", json=asked)


def test_bad_uploads_are_told_why(server: Server) -> None:
    """Each mistake is named to whoever uploads, and nothing is kept of it."""
    at = "/api/0/organizations/midwatch/chunk-upload/"
    with server.api() as api:
        bad = assembled(api, b"this is no zip").json()
        assert (bad["state"], "expected a zip archive" in bad["detail"]) == ("error", True)
        assert assembled(api, b"this is no zip").json()["state"] == "error", (
            "its part is not kept, and can be sent again"
        )
        sha1, bomb = "0" * 40, zlib.compress(b"\0" * (9 << 20), wbits=31)
        refused = {
            "its content has another SHA-1": {"files": {"file": (sha1, b"other")}},
            "once unpacked": {"files": {"file_gzip": (sha1, bomb)}},
            "cannot unpack a part": {"files": {"file_gzip": (sha1, b"no gzip")}},
            "40 hexadecimal digits": {"files": {"file": ("../../etc/passwd", b"x")}},
            "expected files named": {"files": {"other": (sha1, b"x")}},
            "at most 34,": {"files": [("file", (sha1, b"x" * (34 << 20)))]},
            "multipart/form-data": {"json": {}},
        }
        for said, body in refused.items():
            answer = api.post(at, **body)  # type: ignore[arg-type]
            assert answer.status_code in (400, 413), (said, answer.text)
            assert said in answer.json()["detail"], answer.text
        wrong = assembled(api, b"x", projects=["shop"])
        assert (wrong.status_code, "the last part of its DSN" in wrong.json()["detail"]) == (404, True)
        assert assembled(api, b"x", projects=[]).status_code == 400
        assert assembled(api, b"x", version="a/b").status_code == 400
    assert json.loads((server.data / "server.json").read_text())["url"] == server.url


def test_who_only_looks_uploads_nothing(server: Server, front: Front) -> None:
    """A viewer's token is told so by sentry-cli itself; an ingest key, too."""
    with server.api() as api:
        asked = {"name": "looks", "role": "viewer", "scopes": ["read", "write"]}
        token = api.post("/api/v1/tokens", json=asked).json()["token"]
    assert "this needs the role editor" in front.cli("releases", "new", "no@1", fails=True, SENTRY_AUTH_TOKEN=token)
    assert TOKEN not in server.output()
