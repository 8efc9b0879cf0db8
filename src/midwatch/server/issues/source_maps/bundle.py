"""Reads an artifact bundle: a zip of minified files and their maps with a manifest, as Sentry's tools upload it."""

import re
import uuid
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urljoin

import orjson

from midwatch.server.model.errors import BadRequest, TooLarge
from midwatch.server.workspace.artifacts import SOURCE, SOURCE_MAP

MANIFEST = "manifest.json"
MANIFEST_BYTES_MAX = 16 << 20
FILES_MAX = 10_000
FILE_BYTES_MAX = 64 << 20
"""Unpacked: a map of the largest single-page apps has half of it."""
UNPACKED_BYTES_MAX = 1 << 30
"""Of all files of a bundle together."""
URL_CHARACTERS_MAX = 1000
RELEASE_CHARACTERS_MAX = 200
DIST_CHARACTERS_MAX = 64
_KINDS = {"minified_source": SOURCE, "source_map": SOURCE_MAP}
"""Other kinds (original sources, RAM bundles) are counted and not kept: a map carries its sources."""
_MAP_HEADERS = ("sourcemap", "x-sourcemap")
_REFERENCE = re.compile(rb"//[#@] ?sourceMappingURL=([^\s'\"]{1,1000})\s*$")
_REFERENCE_TAIL_BYTES = 4096
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What zipfile raises for what is torn, encrypted, or packed in a way that it does not read."""
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class BundleFile:
    path: str
    """In the zip; nothing is ever written under it."""
    kind: str
    url: str
    debug_id: str
    reference: str
    """What the manifest says of the map of a source; empty: the file itself says it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    release: str
    dist: str
    files: tuple[BundleFile, ...]
    skipped: int


class Bundle:
    """An open bundle.

    Raises:
        BadRequest, TooLarge: at whatever of it is damaged or over a limit; the message names the file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGED as error:
            raise BadRequest(
                f"cannot read the bundle: {_said(error)}; expected a zip archive", code="bad_bundle"
            ) from None
        count = len(self._zip.infolist())
        if count > FILES_MAX:
            raise TooLarge(f"the bundle has {count:,} files: expected at most {FILES_MAX:,}", code="bundle_too_large")
        self.manifest = _manifest(self._read(MANIFEST, MANIFEST_BYTES_MAX))

    def contents(self) -> Iterator[tuple[BundleFile, bytes]]:
        """One file after another, unpacked."""
        total = 0
        for one in self.manifest.files:
            content = self._read(one.path, FILE_BYTES_MAX)
            total += len(content)
            if total > UNPACKED_BYTES_MAX:
                raise TooLarge(
                    f"cannot unpack the bundle: over {UNPACKED_BYTES_MAX >> 20} MiB of files; upload it in parts",
                    code="bundle_too_large",
                )
            yield one, content

    def _read(self, path: str, bytes_max: int) -> bytes:
        """No more than the limit is ever unpacked, whatever the archive says of a file's size."""
        try:
            info = self._zip.getinfo(path)
        except KeyError:
            raise BadRequest(f"cannot read the bundle: {path[:200]!r} is not in it", code="bad_bundle") from None
        if info.compress_type not in _PACKED:
            raise BadRequest(
                f"{path[:200]}: packed as {info.compress_type}; expected deflate or none", code="bad_bundle"
            )
        try:
            with self._zip.open(info) as file:
                content = file.read(bytes_max + 1)
        except _DAMAGED as error:
            raise BadRequest(f"cannot unpack {path[:200]}: {_said(error)}", code="bad_bundle") from None
        if len(content) > bytes_max:
            raise TooLarge(f"{path[:200]}: over {bytes_max >> 20} MiB once unpacked", code="bundle_too_large")
        return content


def map_url(one: BundleFile, content: bytes) -> str:
    """Where the map of a source is said to be; empty where nothing says it, or it is in the file itself."""
    reference = one.reference
    if not reference:
        found = _REFERENCE.search(
            content[-_REFERENCE_TAIL_BYTES:].rstrip().replace(b"\r", b"\n").rsplit(b"\n//# debugId", 1)[0]
        )
        reference = found[1].decode("utf-8", "replace") if found else ""
    return absolute(one.url, reference)


def absolute(url: str, reference: str) -> str:
    """A reference beside the file that has it, which may be a `~/…` of any host."""
    if not reference or reference.startswith("data:"):
        return ""
    try:
        if url.startswith("~/") and "://" not in reference:
            joined = urljoin(f"http://any{url[1:]}", reference)
            return f"~{joined.removeprefix('http://any')}"[:URL_CHARACTERS_MAX]
        return urljoin(url, reference)[:URL_CHARACTERS_MAX]
    except ValueError:  # one of them is no address: `https://[`
        return ""


def debug_id_of(text: object) -> str:
    """In its one form, lower-case with dashes; empty for what is none."""
    try:
        return str(uuid.UUID(text)) if isinstance(text, str) and len(text) <= 64 else ""
    except ValueError:
        return ""


def checked_url(text: object) -> str:
    """Raises BadRequest."""
    if not isinstance(text, str) or not 0 < len(text) <= URL_CHARACTERS_MAX or _CONTROL.search(text):
        raise BadRequest(
            f"url={str(text)[:100]!r}: expected 1 to {URL_CHARACTERS_MAX} characters without control characters",
            code="bad_bundle",
        )
    return text


def _manifest(content: bytes) -> Manifest:
    try:
        read = orjson.loads(content)
    except ValueError as error:
        raise BadRequest(f"{MANIFEST}: {error}", code="bad_bundle") from None
    files = read.get("files") if isinstance(read, dict) else None
    if not isinstance(files, dict):
        raise BadRequest(f"{MANIFEST}: expected an object with `files`", code="bad_bundle")
    if len(files) > FILES_MAX:
        raise TooLarge(f"{MANIFEST}: {len(files):,} files; expected at most {FILES_MAX:,}", code="bundle_too_large")
    kept = [found for path, one in files.items() if (found := _file(path, one)) is not None]
    names = {"release": RELEASE_CHARACTERS_MAX, "dist": DIST_CHARACTERS_MAX}
    said = {name: _text(read, name, limit) for name, limit in names.items()}
    return Manifest(said["release"], said["dist"], tuple(kept), len(files) - len(kept))


def _file(path: str, one: object) -> BundleFile | None:
    if not isinstance(one, dict):
        raise BadRequest(f"{MANIFEST}: files.{path[:200]}: expected an object", code="bad_bundle")
    kind = _KINDS.get(str(one.get("type", "")))
    if kind is None:
        return None
    headers: Mapping[str, Any] = one["headers"] if isinstance(one.get("headers"), dict) else {}
    headers = {str(name).lower(): value for name, value in headers.items()}
    reference = next((str(headers[name]) for name in _MAP_HEADERS if headers.get(name)), "")
    debug_id = debug_id_of(headers.get("debug-id"))
    return BundleFile(path, kind, checked_url(one.get("url")), debug_id, reference[:URL_CHARACTERS_MAX])


def _text(read: Mapping[str, Any], name: str, characters_max: int) -> str:
    value = read.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > characters_max or _CONTROL.search(value):
        raise BadRequest(f"{MANIFEST}: {name}: expected at most {characters_max} characters", code="bad_bundle")
    return value


def _said(error: BaseException) -> str:
    return str(error)[:200] or type(error).__name__
