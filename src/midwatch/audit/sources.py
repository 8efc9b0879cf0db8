"""Which files of a directory are looked at, and as what."""

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from midwatch.audit.finding import NotRead

FILE_BYTES_MAX = 1 << 20
FILES_MAX = 50_000
LINE_CHARACTERS_MAX = 5_000
"""A longer line stands in no file that a person wrote."""
HEAD_CHARACTERS = 600
GIT_SECONDS = 60

Language = Literal["python", "javascript"]
Kind = Literal["app", "script", "test"]
"""`script`: what a person runs, such as migrations, command lines, configurations of tools: printing is its trade."""

LANGUAGES: dict[str, Language] = {
    ".py": "python",
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte"), "javascript"),
}
MANIFEST = re.compile(
    r"package\.json|pyproject\.toml|Pipfile|setup\.cfg|requirements[\w.-]*\.(?:txt|in)|"
    r"package-lock\.json|pnpm-lock\.yaml|yarn\.lock|poetry\.lock|uv\.lock|Pipfile\.lock"
)
MANIFEST_BYTES_MAX = 8 << 20

_LEFT_OUT = frozenset(
    [
        "node_modules",
        "bower_components",
        "jspm_packages",
        "site-packages",
        "__pycache__",
        "venv",
        "env",
        "virtualenv",
        "vendor",
        "vendored",
        "third_party",
        "thirdparty",
        "dist",
        "build",
        "out",
        "target",
        "coverage",
        "htmlcov",
        "static_root",
        "staticfiles",
        "generated",
        "__generated__",
        "egg-info",
    ]
)
_GENERATED_NAME = re.compile(
    r"\.min\.[cm]?js$|[.-]bundle\.js$|_pb2(?:_grpc)?\.py$|\.(?:gen|generated)\.[jt]sx?$|\.d\.[cm]?ts$|(?:^|/)(?:jquery|bootstrap)[\w.-]*\.js$"
)
_GENERATED_TEXT = re.compile(
    r"(?im)@generated|^\W*(?:this file (?:is|was) )?(?:code |auto-?)?generated (?:by|from|using) \w|"
    r"this file (?:is|was) (?:auto-?|automatically )?generated|generated.{0,80}do not edit"
)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|__mocks__|specs?|e2e|cypress|playwright|fixtures|testing|testdata|mocks?)/|"
    r"(?:^|/)(?:test_[^/]*|[^/]*_tests?|conftest|tests?)\.py$|\.(?:test|spec|stories|cy|mock)\.[cm]?[jt]sx?$"
)
_SCRIPT = re.compile(
    r"(?:^|/)(?:scripts?|bin|hack|examples?|benchmarks?|migrations?|alembic|revisions|management/commands|cli|cmd|seeds?|tooling|\.[^/]+)/|"
    r"^(?:tools?|ci|docs?|dev|docker|deploy|extra)/|^tasks\.py$|(?:^|/)(?:setup|manage|fabfile|noxfile|cli|__main__|gulpfile|gruntfile|seed)\.(?:py|[cm]?[jt]s)$|\.config\.[cm]?[jt]s$|(?:^|/)\.[^/]+$"
)


@dataclass(frozen=True, slots=True)
class Source:
    path: Path
    name: str
    """Below the root, with `/`."""
    language: Language
    kind: Kind


@dataclass(frozen=True, slots=True)
class Found:
    sources: tuple[Source, ...]
    manifests: tuple[Source, ...]
    not_read: tuple[NotRead, ...]
    left_out: int
    """Files of these languages that nobody wrote, or that are ignored by the user."""


def find(root: Path, ignored: Sequence[str] = ()) -> Found:
    """Everything below `root`, or `root` itself where it is a file. Links are not followed: what they lead to is found where it is."""
    sources: list[Source] = []
    manifests: list[Source] = []
    not_read: list[NotRead] = []
    left_out = 0
    is_ignored = _ignored(ignored)
    base = root if root.is_dir() else root.parent
    names = _listed(base, not_read) if root.is_dir() else [root.name]
    for listed in names:
        path, name = base / listed, os.fsencode(listed).decode("utf-8", "replace")
        if MANIFEST.fullmatch(path.name) and not _nobodys(name):
            manifests.append(Source(path, name, "python", "app"))
            continue
        language = LANGUAGES.get(path.suffix.lower())
        if language is None:
            continue
        if path.is_symlink():
            not_read.append(NotRead(name, "is a link; what it leads to is looked at where it is"))
        elif not path.is_file():
            not_read.append(NotRead(name, "is no file that could be read"))
        elif _nobodys(name) or is_ignored(name):
            left_out += 1
        elif len(sources) >= FILES_MAX:
            not_read.append(NotRead(name, f"comes after the first {FILES_MAX:,} files"))
        else:
            sources.append(Source(path, name, language, kind_of(name)))
    return Found(tuple(sources), tuple(manifests), tuple(not_read), left_out)


def kind_of(name: str) -> Kind:
    if _TEST.search(name):
        return "test"
    return "script" if _SCRIPT.search(name) else "app"


def read(source: Source) -> str | NotRead:
    """The text; or why there is none that anybody wrote."""
    try:
        with source.path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        return NotRead(source.name, f"cannot be read: {error.strerror}")
    if len(content) > FILE_BYTES_MAX:
        return NotRead(source.name, f"has over {FILE_BYTES_MAX:,} bytes")
    if b"\0" in content:
        return NotRead(source.name, "is binary")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return NotRead(source.name, f"is not UTF-8: byte {error.start} is none")
    why = _why_nobodys(text)
    return NotRead(source.name, why) if why else text


def _why_nobodys(text: str) -> str | None:
    """What shows in the text that nobody wrote it."""
    if _GENERATED_TEXT.search(text, 0, HEAD_CHARACTERS):
        return "is generated, as its head says"
    if max(map(len, text.split("\n")), default=0) > LINE_CHARACTERS_MAX:
        return f"has lines of over {LINE_CHARACTERS_MAX:,} characters: minified, or data"
    return None


def _nobodys(name: str) -> bool:
    *folders, _ = name.split("/")
    if any(
        one in _LEFT_OUT or one.endswith((".egg-info", ".venv")) or one in (".git", ".next", ".nuxt", ".yarn", ".tox")
        for one in folders
    ):
        return True
    return _GENERATED_NAME.search(name) is not None


def _ignored(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Globs as in Python's pathlib: `**` is any number of folders; a folder's name stands for all below it."""
    compiled = [re.compile(_pattern(one.strip("/"))) for one in patterns if one.strip("/")]
    return lambda name: any(one.match(name) for one in compiled)


def _pattern(glob: str) -> str:
    parts = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return (
        "".join(parts.get(one) or re.escape(one) for one in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", glob)) + r"(?:/|$)"
    )


def _listed(root: Path, not_read: list[NotRead]) -> list[str]:
    """What git would take, where it can be asked; else what is there."""
    names = _by_git(root)
    return sorted(names if names is not None else _walked(root, not_read))


def _by_git(root: Path) -> list[str] | None:
    """None where this is no work tree, or git is not there, or does not trust whose it is.

    Nothing that the repository's own configuration names is run.
    """
    command = [
        "git",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.untrackedCache=false",
        "ls-files",
        "--cached",
        "--others",
    ]
    try:
        found = subprocess.run(  # noqa: S603
            [*command, "--exclude-standard", "-z"], cwd=root, capture_output=True, check=False, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if found.returncode != 0:
        return None
    names = {os.fsdecode(name) for name in found.stdout.split(b"\0") if name}
    listed = [name for name in names if (root / name).is_file() or (root / name).is_symlink()]
    return listed or None


def _walked(root: Path, not_read: list[NotRead]) -> Iterator[str]:
    def refused(error: OSError) -> None:
        not_read.append(NotRead(os.path.relpath(error.filename, root), f"cannot be read: {error.strerror}"))

    for folder, folders, files in os.walk(root, onerror=refused):
        folders[:] = sorted(one for one in folders if one not in _LEFT_OUT and not one.startswith("."))
        below = os.path.relpath(folder, root)
        for name in sorted(files):
            yield name if below == "." else f"{below}/{name}".replace(os.sep, "/")
