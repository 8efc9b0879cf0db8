"""Puts a function, a file and a line of the sources in place of those of minified JavaScript. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urljoin

from midwatch.server.issues.source_maps.lookups import (
    FRAMES_MAX,
    LOOKUPS_MAX,
    Lookup,
    is_open,
    stacks_of,
    url_of,
    wanted,
)

CONTEXT_LINES = 5
LINE_CHARACTERS_MAX = 500
ERRORS_MAX = 50
READABLE_CHARACTERS_MAX = 300
"""A line that came with its frame and is not longer was written by a person."""
MISSING_SOURCE = "missing_source"
"""Nothing was uploaded for the file."""
MISSING_SOURCE_MAP = "missing_source_map"
"""The file was uploaded, and its map was not."""
MALFORMED_SOURCE_MAP = "malformed_source_map"
INVALID_LOCATION = "invalid_location"
"""The map knows nothing of the line and column: it is of another build, or the frame is of generated code."""
MISSING_RELEASE = "missing_release"
"""The event has neither a debug id of the file nor a release to find it by."""
REASONS = frozenset({MISSING_SOURCE, MISSING_SOURCE_MAP, MALFORMED_SOURCE_MAP, INVALID_LOCATION, MISSING_RELEASE})
_NAMELESS = frozenset({"", "<anonymous>", "<unknown>"})
_LEADING = re.compile(r"^(?:webpack(?:-internal)?://[^/]*/|(?:app|file)://+|\.{1,2}/|/)+")
_EXTENSION = re.compile(r"\.(?:[cm]?[jt]sx?|vue|svelte)$")
_LOADER = re.compile(r"\?[^/]*$")
_FOREIGN = ("/node_modules/", "/~/", "/webpack/", "/vite/", "/turbopack/", "/bower_components/")


class Token(Protocol):
    """A place in the sources, as `symbolic.SourceMapCacheToken`; lines and columns from 1."""

    line: int
    col: int
    src: str | None
    name: str | None
    function_name: str | None
    context_line: str | None
    pre_context: list[str]
    post_context: list[str]


class SourceMap(Protocol):
    """As `symbolic.SourceMapCache`."""

    def lookup(self, line: int, col: int, context_lines: int) -> Token | None: ...


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is none."""

    reason: str


Find = Callable[[Lookup], SourceMap | Missing]


@dataclass(frozen=True, slots=True)
class Resolution:
    resolved: int
    """Frames."""
    missing: tuple[tuple[str, str], ...]
    """Reason and URL of files of which frames stay as they came."""


def resolve(event: dict[str, Any], find: Find) -> Resolution:
    """In place. Frames that stay as they came are told of in the event's `errors`; nothing is raised for any event."""
    lookups = {one.url: one for one in wanted(event)}
    maps: dict[str, SourceMap | Missing] = {}
    missing: dict[tuple[str, str], None] = {}
    resolved, seen = 0, 0
    for holder, stack, platform in stacks_of(event):
        raw = [dict(frame) if isinstance(frame, dict) else frame for frame in stack["frames"]]
        caller: Token | None = None
        before = resolved
        for frame in stack["frames"]:
            token, seen = None, seen + 1
            if seen <= FRAMES_MAX and is_open(frame, platform):
                url = url_of(frame)
                if url not in maps and len(maps) < LOOKUPS_MAX:
                    maps[url] = find(lookups[url]) if url in lookups else Missing(MISSING_RELEASE)
                found = _token(maps.get(url), frame)
                if isinstance(found, Missing):
                    if _tells(frame, url):
                        missing[(found.reason, url)] = None
                else:
                    token = found
                    _put(frame, url, token, caller)
                    resolved += 1
            caller = token
        if resolved > before and not isinstance(holder.get("raw_stacktrace"), dict):
            holder["raw_stacktrace"] = {**stack, "frames": raw}
    _tell(event, missing)
    return Resolution(resolved, tuple(missing))


def _token(found: SourceMap | Missing | None, frame: Mapping[str, Any]) -> Token | Missing:
    if found is None or isinstance(found, Missing):
        return found or Missing(MISSING_SOURCE)
    line, column = frame.get("lineno"), frame.get("colno")
    if not isinstance(line, int) or not isinstance(column, int) or not (0 < line < 2**31 and 0 < column < 2**31):
        return Missing(INVALID_LOCATION)
    token = found.lookup(line, column, CONTEXT_LINES)
    return token if token is not None and token.src else Missing(INVALID_LOCATION)


def _put(frame: dict[str, Any], url: str, token: Token, caller: Token | None) -> None:
    source = token.src or ""
    name = file_name(source)
    frame["abs_path"] = _absolute(url, source)
    frame["filename"] = name
    frame["module"] = _EXTENSION.sub("", name)
    frame["lineno"], frame["colno"] = token.line, token.col
    frame["function"] = _function(frame.get("function"), token, caller)
    frame["in_app"] = is_own(source)
    if token.context_line is not None:
        frame["context_line"] = _line(token.context_line)
        frame["pre_context"] = [_line(one) for one in token.pre_context]
        frame["post_context"] = [_line(one) for one in token.post_context]
    data = frame.get("data")
    frame["data"] = {**(data if isinstance(data, dict) else {}), "symbolicated": True, "minified": url}


def _function(raw: object, token: Token, caller: Token | None) -> str:
    """The scope that the place is in; where it has no name, what the caller calls it."""
    if token.function_name and token.function_name not in _NAMELESS:
        return token.function_name
    if caller is not None and caller.name:
        return caller.name
    if token.function_name == "<anonymous>" or not isinstance(raw, str) or len(raw) <= 2:
        return token.function_name or "?"
    return raw


def file_name(source: str) -> str:
    """Of a source as maps name it (`webpack://app/./src/a.ts?1a2b`, `../../src/a.ts`): what a person calls it."""
    return _LEADING.sub("", _LOADER.sub("", source)) or source


def is_own(source: str) -> bool:
    """Whether it is the app's own code and none of a package or a bundler."""
    return not any(part in f"/{source}" for part in _FOREIGN) and "(webpack)" not in source and "\0" not in source


def _absolute(url: str, source: str) -> str:
    try:
        return source if "://" in source else urljoin(url, source)
    except ValueError:  # one of them is no address: `https://[`
        return source


def _line(text: str) -> str:
    text = text.rstrip("\r\n")
    return text if len(text) <= LINE_CHARACTERS_MAX else f"{text[:LINE_CHARACTERS_MAX]}…"


def _tells(frame: Mapping[str, Any], url: str) -> bool:
    """A page's own inline scripts have no file that could be uploaded; what is not minified needs no map."""
    line, column = frame.get("context_line"), frame.get("colno")
    if isinstance(line, str) and isinstance(column, int) and max(len(line), column) <= READABLE_CHARACTERS_MAX:
        return False
    return _EXTENSION.search(url.partition("?")[0].partition("#")[0]) is not None


def _tell(event: dict[str, Any], missing: Mapping[tuple[str, str], None]) -> None:
    """In place of what was told before."""
    old = event.get("errors")
    kept = (
        [one for one in old if not (isinstance(one, dict) and one.get("type") in REASONS)]
        if isinstance(old, list)
        else []
    )
    kept += [{"type": reason, "url": url} for reason, url in list(missing)[:ERRORS_MAX]]
    if kept or old:
        event["errors"] = kept
