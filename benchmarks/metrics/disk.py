"""Bytes that a server keeps in its directory."""

import contextlib
import re
from pathlib import Path

_PART = re.compile(r"(?P<partition>.+?)_(?P<first>\d+)_(?P<last>\d+)_(?P<level>\d+)(_\d+)?")
"""ClickHouse's name of a part: the blocks it holds, and how often it was merged."""


def bytes_below(directory: Path, without: frozenset[Path] = frozenset()) -> int:
    """As the file system has given them out, all but what lies in these directories; a linked one is not followed."""
    found = 0
    with contextlib.suppress(OSError):
        for one in directory.iterdir():
            if one.is_symlink():
                continue
            if one.is_dir():
                found += 0 if one in without else bytes_below(one, without)
            else:
                with contextlib.suppress(OSError):
                    found += one.stat().st_blocks * 512
    return found


def replaced_parts(directory: Path) -> frozenset[Path]:
    """Parts that others have been merged from: ClickHouse keeps them for eight minutes more."""
    parts = [(one, found) for one in directory.rglob("*_*_*_*") if (found := _PART.fullmatch(one.name))]
    return frozenset(one for one, found in parts for other, by in parts if _replaces(other, by, one, found))


def _replaces(other: Path, by: re.Match[str], one: Path, found: re.Match[str]) -> bool:
    return (
        other.parent == one.parent
        and by["partition"] == found["partition"]
        and int(by["level"]) > int(found["level"])
        and int(by["first"]) <= int(found["first"])
        and int(by["last"]) >= int(found["last"])
    )
