"""Artifact bundles, whole and broken."""

import contextlib
import io
import json
import zipfile
from typing import Any

import pytest

from midwatch.server.issues.source_maps import bundle as module
from midwatch.server.issues.source_maps.bundle import Bundle, absolute, debug_id_of, map_url
from midwatch.server.model.errors import BadRequest, CallerError, TooLarge

ID = "0d5a3a2e-8b5e-4b1d-9d0e-1c2d3e4f5a6b"
SOURCE = {"url": "~/a.js", "type": "minified_source", "headers": {"debug-id": ID.upper(), "Sourcemap": "a.js.map"}}


def zipped(manifest: Any, files: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", compression) as made:
        if manifest is not None:
            made.writestr("manifest.json", manifest if isinstance(manifest, bytes) else json.dumps(manifest))
        for path, content in files.items():
            made.writestr(path, content)
    found.seek(0)
    return found


def of(**files: Any) -> dict[str, Any]:
    return {"files": files}


def test_what_is_kept_of_a_bundle() -> None:
    """Minified files and maps, with ids in one form; other kinds are counted; what is before the zip is skipped."""
    other = {"url": "~/a.ts", "type": "source"}
    content = zipped(of(a=SOURCE, b=other) | {"release": "r", "dist": "d"}, {"a": b"x", "b": b"y"}).getvalue()
    bundle = Bundle(io.BytesIO(b"SYSB\x02\0\0\0" + content))
    manifest = bundle.manifest
    assert (manifest.release, manifest.dist, manifest.skipped) == ("r", "d", 1)
    ((one, found),) = bundle.contents()
    assert (one.kind, one.url, one.debug_id, found, map_url(one, found)) == ("source", "~/a.js", ID, b"x", "~/a.js.map")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (io.BytesIO(b"no zip"), "expected a zip archive"),
        (io.BytesIO(), "expected a zip archive"),
        (zipped(None, {"a": b"x"}), "'manifest.json' is not in it"),
        (zipped(b"{", {}), "manifest.json: "),
        (zipped(b"[]", {}), "expected an object with `files`"),
        (zipped({"files": []}, {}), "expected an object with `files`"),
        (zipped({"files": {"a": 1}}, {}), "files.a: expected an object"),
        (zipped(of(a={"type": "source_map"}), {"a": b"x"}), "url='None'"),
        (zipped(of(a={"type": "source_map", "url": "~/a\n.js"}), {"a": b"x"}), "control characters"),
        (zipped(of(a={"type": "source_map", "url": "x" * 1001}), {"a": b"x"}), "1 to 1000 characters"),
        (zipped(of(a=SOURCE) | {"release": "x" * 201}, {"a": b"x"}), "release: expected at most 200"),
        (zipped(of(a=SOURCE), {}), "'a' is not in it"),
        (zipped(of(a=SOURCE), {"a": b"x"}, compression=zipfile.ZIP_BZIP2), "expected deflate or none"),
    ],
)
def test_what_no_bundle_is(content: io.BytesIO, said: str) -> None:
    """Each mistake is a refusal that names it."""
    with pytest.raises((BadRequest, TooLarge)) as refused:
        list(Bundle(content).contents())
    assert said in refused.value.message


def test_paths_that_lead_elsewhere_lead_nowhere() -> None:
    """A path is a name in the archive and nothing more."""
    bundle = Bundle(zipped({"files": {"../../etc/passwd": SOURCE}}, {"../../etc/passwd": b"mine"}))
    assert [content for _, content in bundle.contents()] == [b"mine"]
    with pytest.raises(BadRequest, match="is not in it"):
        list(Bundle(zipped({"files": {"/etc/passwd": SOURCE}}, {"a": b"x"})).contents())


def test_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is unpacked than the limits say, of one file, of all, and of how many there are."""
    monkeypatch.setattr(module, "FILE_BYTES_MAX", 1 << 20)
    with pytest.raises(TooLarge, match="a: over 1 MiB once unpacked"):
        list(Bundle(zipped(of(a=SOURCE), {"a": b"\0" * ((1 << 20) + 1)})).contents())
    monkeypatch.setattr(module, "UNPACKED_BYTES_MAX", 1 << 20)
    half = b"\0" * (600 << 10)
    with pytest.raises(TooLarge, match="over 1 MiB of files"):
        list(Bundle(zipped(of(a=SOURCE, b=SOURCE), {"a": half, "b": half})).contents())
    monkeypatch.setattr(module, "FILES_MAX", 2)
    with pytest.raises(TooLarge, match="has 3 files: expected at most 2"):
        Bundle(zipped(of(a=SOURCE), {"a": b"", "b": b""}))


def test_torn_archives_raise_nothing_else() -> None:
    """Cut anywhere, or with bytes turned."""
    whole = zipped(of(a=SOURCE), {"a": b"content of a file" * 50}).getvalue()
    for at in range(0, len(whole), 7):
        for content in (whole[:at], whole[:at] + b"\xff" + whole[at + 1 :]):
            with contextlib.suppress(CallerError):
                list(Bundle(io.BytesIO(content)).contents())


@pytest.mark.parametrize(
    ("url", "reference", "found"),
    [
        ("~/js/a.js", "a.js.map", "~/js/a.js.map"),
        ("~/js/a.js", "../maps/a.map?v=1", "~/maps/a.map?v=1"),
        ("~/js/a.js", "https://cdn.example/a.map", "https://cdn.example/a.map"),
        ("https://x.example/js/a.js", "/maps/a.map", "https://x.example/maps/a.map"),
        ("~/js/a.js", "data:application/json;base64,e30=", ""),
        ("~/js/a.js", "", ""),
        ("https://[x/js/a.js", "a.js.map", ""),
        ("~/js/a.js", "//[x/a.map", ""),
    ],
)
def test_where_a_map_is(url: str, reference: str, found: str) -> None:
    """A reference is read beside the file that has it."""
    assert absolute(url, reference) == found


def test_a_reference_in_the_file_itself() -> None:
    """The last line says it, with what Sentry's tools put after it."""
    (one, _), *_ = Bundle(
        zipped(of(a={**SOURCE, "headers": {}}), {"a": b"x"}),
    ).contents()
    for tail in (b"", b"\n", b"\n//# debugId=" + ID.encode(), b"\r\n"):
        assert map_url(one, b"code()\n//# sourceMappingURL=b.js.map" + tail) == "~/b.js.map", tail
    assert map_url(one, b"say('//# sourceMappingURL=b.js.map')\ncode()") == ""


def test_debug_ids() -> None:
    """With or without dashes, in any case; anything else is none."""
    assert {debug_id_of(text) for text in (ID, ID.upper(), ID.replace("-", ""))} == {ID}
    assert {debug_id_of(text) for text in ("", "x" * 36, None, 5, ID + "0" * 60)} == {""}
