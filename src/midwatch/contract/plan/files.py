"""The files of a plan directory."""

from pathlib import Path

MAIN_FILE = "midwatch.yml"
SUFFIXES = frozenset({".yml", ".yaml", ".json"})
SUFFIXES_OF_FOLDERS = {"runbooks": frozenset({".md"}), "templates": frozenset({".tmpl"})}
"""What is read there besides: the same kinds lie elsewhere too, where they are nobody's plan."""
FILE_BYTES_MAX = 1 << 20
FILES_MAX = 1000


class PlanUnreadable(Exception):
    """The directory or one of its files cannot be read at all; the message says why and what to do."""


def read_files(directory: Path) -> dict[str, str]:
    """Texts by path below the directory; hidden files and kinds that no folder has are left aside.

    Raises PlanUnreadable.
    """
    if not directory.is_dir():
        raise PlanUnreadable(f"cannot read the plan {directory}: expected a directory that holds {MAIN_FILE}")
    found: dict[str, str] = {}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory)
        if not _read_at_all(name) or not path.is_file():
            continue
        if len(found) >= FILES_MAX:
            raise PlanUnreadable(f"cannot read the plan {directory}: expected at most {FILES_MAX} files")
        found[name.as_posix()] = _read(path)
    return found


def _read_at_all(name: Path) -> bool:
    if any(part.startswith(".") for part in name.parts):
        return False
    return name.suffix in SUFFIXES or name.suffix in SUFFIXES_OF_FOLDERS.get(name.parts[0], ())


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise PlanUnreadable(f"cannot read {path}: expected at most {FILE_BYTES_MAX:,} bytes")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlanUnreadable(f"cannot read {path}: expected UTF-8; byte {error.start} is none") from None
    except OSError as error:
        raise PlanUnreadable(f"cannot read {path}: {error.strerror}") from None
