"""`/api/0/…`: uploads of source maps, as sentry-cli and the bundler plugins make them."""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from midwatch.server.http.auth import Guard
from midwatch.server.http.sentry_bodies import (
    ORGANIZATION,
    Organization,
    Project,
    Version,
    project_of,
    projects_of,
    read_form,
    read_json,
    unzipped,
)
from midwatch.server.issues.source_maps.bundle import DIST_CHARACTERS_MAX, FILE_BYTES_MAX, checked_url
from midwatch.server.issues.source_maps.chunks import (
    BUNDLE_BYTES_MAX,
    CHUNK_BYTES_MAX,
    CHUNKS_OF_REQUEST_MAX,
    REQUEST_BYTES_MAX,
)
from midwatch.server.issues.source_maps.store import ArtifactStore, Upload
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import BadRequest, CallerError, NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.sentry_api import Answer, Assemble
from midwatch.server.workspace.artifacts import SOURCE, SOURCE_MAP, ArtifactLedger
from midwatch.server.workspace.models import ArtifactFileRow
from midwatch.server.workspace.releases import Releases

CONCURRENT_UPLOADS = 4
FILES_SHOWN_MAX = 1000
_ENVELOPE_BYTES = 1 << 20
"""What a multipart body has besides its files."""
_HEADERS_OF_FILE_MAX = 20


def sentry_uploads_routes(store: ArtifactStore, releases: Releases, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/0", include_in_schema=False)
    # Who builds the app uploads: no engineer is needed for it, and nobody who only looks may.
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]
    viewer = Depends(guard.requires(Role.VIEWER))

    @router.get(ORGANIZATION + "/chunk-upload/")
    async def upload_options(organization: Organization, request: Request, _: Editor) -> Answer:
        return {
            # Absolute: the bundler plugins read no other.
            "url": f"{str(request.base_url).rstrip('/')}/api/0/organizations/{organization}/chunk-upload/",
            "chunkSize": CHUNK_BYTES_MAX,
            "chunksPerRequest": CHUNKS_OF_REQUEST_MAX,
            "maxFileSize": BUNDLE_BYTES_MAX,
            "maxRequestSize": REQUEST_BYTES_MAX,
            "concurrency": CONCURRENT_UPLOADS,
            "hashAlgorithm": "sha1",
            "compression": ["gzip"],
            "accept": ["release_files", "sources", "artifact_bundles", "artifact_bundles_v2"],
        }

    @router.post(ORGANIZATION + "/chunk-upload/")
    async def upload_chunks(organization: Organization, request: Request, _: Editor) -> Response:
        limits = {"bytes_max": REQUEST_BYTES_MAX + _ENVELOPE_BYTES, "files_max": CHUNKS_OF_REQUEST_MAX}
        async with read_form(request, **limits) as form:
            taken = await store.chunks.put(_parts(form))
        if not taken:
            raise BadRequest("the body has no files: expected them as `file` or `file_gzip`")
        return Response(status_code=200)

    @router.post(ORGANIZATION + "/artifactbundle/assemble/")
    async def assemble_bundle(organization: Organization, request: Request, actor: Editor) -> Answer:
        body = await read_json(request, Assemble)
        return await _assembled(store, actor, body, projects_of(body.projects), body.version or "")

    @router.post(ORGANIZATION + "/releases/{version}/assemble/")
    async def assemble_release(organization: Organization, version: Version, request: Request, actor: Editor) -> Answer:
        body = await read_json(request, Assemble)
        projects = projects_of(body.projects) or await releases.projects_of(version)
        return await _assembled(store, actor, body, projects, version)

    @router.post(ORGANIZATION + "/releases/{version}/files/", status_code=201)
    async def add_file(organization: Organization, version: Version, request: Request, actor: Editor) -> Answer:
        projects = await releases.projects_of(version)
        if not projects:
            raise NotFound(f"cannot find release {version}: make it first, with `sentry-cli releases new`")
        return await _add_file(store, actor, projects, version, request)

    @router.post("/projects/{organization}/{project}/releases/{version}/files/", status_code=201)
    async def add_file_of(
        organization: Organization, project: Project, version: Version, request: Request, actor: Editor
    ) -> Answer:
        return await _add_file(store, actor, [project_of(project)], version, request)

    @router.get("/projects/{organization}/{project}/releases/{version}/files/", dependencies=[viewer])
    async def files(organization: Organization, project: Project, version: Version) -> list[Answer]:
        return await _files(store.ledger, project_of(project), version)

    @router.get(ORGANIZATION + "/releases/{version}/files/", dependencies=[viewer])
    async def files_of_all(organization: Organization, version: Version) -> list[Answer]:
        found = [await _files(store.ledger, project, version) for project in await releases.projects_of(version)]
        return [file for files in found for file in files][:FILES_SHOWN_MAX]

    @router.delete("/projects/{organization}/{project}/files/source-maps/", status_code=204, response_class=Response)
    async def remove_files(organization: Organization, project: Project, actor: Editor, name: str = "") -> None:
        if not name:
            raise BadRequest("name: expected the release whose files are to go")
        await store.drop_release(actor, project_of(project), name)

    return router


async def _parts(form: FormData) -> AsyncIterator[tuple[str, bytes]]:
    """Names and contents of what `chunk-upload` is sent."""
    for name, part in form.multi_items():
        if name not in ("file", "file_gzip") or not isinstance(part, UploadFile):
            raise BadRequest(f"{name[:60]}: expected files named `file` or `file_gzip`")
        content = await part.read()
        if name == "file_gzip":
            content = await asyncio.to_thread(unzipped, content, CHUNK_BYTES_MAX)
        yield part.filename or "", content


async def _assembled(
    store: ArtifactStore, actor: Actor, body: Assemble, projects: list[int], version: str
) -> dict[str, Any]:
    """What Sentry's tools ask again and again until it is `ok`; ours is done when it answers."""
    if not projects:
        raise BadRequest("projects: expected at least one project, by its number")
    uploads = [Upload(project, body.checksum, body.chunks, version, body.dist or "") for project in projects]
    if await store.has(uploads):
        return {"state": "ok", "missingChunks": [], "detail": None}
    if not body.chunks or (missing := await store.chunks.missing(body.chunks)):
        return {"state": "not_found", "missingChunks": missing if body.chunks else [], "detail": None}
    try:
        await store.assemble(actor, uploads)
    except CallerError as error:
        # The tools show this to whoever builds; a 4xx here they try again.
        await store.chunks.drop(body.chunks)
        return {"state": "error", "missingChunks": [], "detail": error.message}
    return {"state": "ok", "missingChunks": [], "detail": None}


async def _add_file(
    store: ArtifactStore, actor: Actor, projects: list[int], version: str, request: Request
) -> dict[str, Any]:
    """One file of a release, as tools before artifact bundles send it: it becomes a bundle of its own."""
    async with read_form(request, bytes_max=FILE_BYTES_MAX + _ENVELOPE_BYTES, files_max=_HEADERS_OF_FILE_MAX) as form:
        part, name, dist = form.get("file"), form.get("name"), form.get("dist") or ""
        if not isinstance(part, UploadFile):
            raise BadRequest("file: expected a file")
        url = checked_url(name or part.filename)
        if not isinstance(dist, str) or len(dist) > DIST_CHARACTERS_MAX:
            raise BadRequest(f"dist: expected at most {DIST_CHARACTERS_MAX} characters")
        headers = {}
        for one in form.getlist("header"):
            key, colon, value = str(one).partition(":")
            if not colon:
                raise BadRequest(f"header={str(one)[:60]!r}: expected `name:value`")
            headers[key.strip()] = value.strip()
        content = await part.read()
    kind = "source_map" if url.partition("?")[0].endswith((".map", ".json")) else "minified_source"
    manifest = {"files": {"file": {"url": url, "type": kind, "headers": headers}}}
    with io.BytesIO() as bundle:
        checksum, sha1 = await asyncio.to_thread(_zipped, bundle, orjson.dumps(manifest), content)
        for project in projects:
            bundle.seek(0)
            await store.take(actor, Upload(project, checksum, (), version, dist), bundle)
    return {
        "id": checksum,
        "name": url,
        "dist": dist or None,
        "headers": headers,
        "size": len(content),
        "sha1": sha1,
        "dateCreated": format_time(store.now_ns()),
    }


def _zipped(bundle: IO[bytes], manifest: bytes, content: bytes) -> tuple[str, str]:
    """SHA-1 of the file with its name and headers, so that the same again is the same; and of the file alone."""
    with zipfile.ZipFile(bundle, "w") as made:
        made.writestr("manifest.json", manifest)
        made.writestr("file", content)
    whole = hashlib.sha1(manifest + b"\0", usedforsecurity=False)
    whole.update(content)
    return whole.hexdigest(), hashlib.sha1(content, usedforsecurity=False).hexdigest()


async def _files(ledger: ArtifactLedger, project: int, version: str) -> list[dict[str, Any]]:
    return [_file(row) for row in await ledger.of_release(project, version, limit=FILES_SHOWN_MAX)]


def _file(row: ArtifactFileRow) -> dict[str, Any]:
    kinds = {SOURCE: "application/javascript", SOURCE_MAP: "application/json"}
    headers = {"Content-Type": kinds[row.kind], **({"debug-id": row.debug_id} if row.debug_id else {})}
    # Their SHA-1 is not kept: an old tool then sends what there is already, which adds nothing.
    return {"id": str(row.id), "name": row.url, "dist": None, "headers": headers, "size": row.size_bytes, "sha1": ""}
