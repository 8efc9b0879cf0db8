"""Frames as grouping sees them: what stays the same from release to release, host to host, and SDK to SDK."""

import re
from typing import Any
from urllib.parse import urlsplit

_HASH_IN_NAME = re.compile(r"[.-](?=[\w-]*\d)(?:[0-9a-f]{6,40}|[\w-]{8})(?=\.(?:m?js|jsx|ts|css)\b)")
_VERSION_IN_PATH = re.compile(r"[@-]v?\d+(?:\.\d+)+[\w.-]*")
_NUMBERED = re.compile(r"(?:\$|#|_|lambda|closure|anonymous)\d+")
_JS_PREFIX = re.compile(r"^(?:async |new |get |set |bound )+")
_GENERIC = re.compile(r"<[^<>]*>$|\[[^\[\]]*\]$|\(.*\)$")
_ANONYMOUS = frozenset(
    {"", "?", "<anonymous>", "anonymous", "{anonymous}", "<lambda>", "<unknown>", "<module>", "<listcomp>", "<genexpr>"}
    | {"{closure}", "global code", "eval", "eval code", "(anonymous)", "anonymous function"}
)
_NO_FILE = re.compile(r"^(?:<string>|<stdin>|<eval>|blob:.*|data:.*)$")
_ENGINE = re.compile(r"^(?:\[?native code\]?|native|<anonymous>|eval code|eval at .*)$")
"""Of the JavaScript engine itself: some browsers tell of such frames, others do not."""
PARTS_KEPT = 2


def in_app_of(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The team's own; all where none is known to be."""
    return [frame for frame in frames if frame.get("in_app")] or frames


def signature(frames: list[dict[str, Any]]) -> list[str]:
    """A text for each frame; what repeats itself (recursion) once."""
    found: list[str] = []
    for frame in frames:
        one = frame_key(frame)
        if one and (not found or found[-1] != one):
            found.append(one)
    return _without_cycles(found)


def frame_key(frame: dict[str, Any]) -> str:
    """File and function; where a function has no name, the line of code. Empty: the frame tells nothing."""
    path = str(frame.get("abs_path") or frame.get("filename") or "")
    if _ENGINE.match(path) or frame.get("function") == "eval":
        return ""
    place, function = _place(frame), _function(frame)
    if function:
        return f"{place}:{function}" if place else function
    line = " ".join(str(frame.get("context_line", "")).split())[:120]
    if line:
        return f"{place}:{line}"
    return place


def _place(frame: dict[str, Any]) -> str:
    """The last two parts of its path without endings, hashes and versions: so that `module`, which not every SDK tells,
    is not needed, and where a checkout lies makes no difference."""
    path = str(frame.get("abs_path") or frame.get("filename") or "")
    if _NO_FILE.match(path):
        return ""
    if "://" in path:
        try:
            path = urlsplit(path).path
        except ValueError:
            return ""
    path = path.partition("?")[0].replace("\\", "/")
    path = _VERSION_IN_PATH.sub("", _HASH_IN_NAME.sub("", path))
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    if not parts:
        return str(frame.get("module") or "").replace(".", "/").rpartition("$")[0] or str(frame.get("module") or "")
    parts[-1] = parts[-1].partition(".")[0] if not parts[-1].startswith("<") else parts[-1]
    kept = parts[-PARTS_KEPT:]
    return "/".join(kept).lower()


def _function(frame: dict[str, Any]) -> str:
    function = str(frame.get("function") or "")
    function = _JS_PREFIX.sub("", function.strip())
    if function.lower() in _ANONYMOUS:
        return ""
    if "." in function and not function.startswith(("<", "(")):
        last = function.rpartition(".")[2]
        function = last if last.lower() not in _ANONYMOUS else ""
    function = function.rpartition("::")[2] or function
    function = function.rpartition("/")[2] or function
    if function.endswith(("<", "/<")):
        function = function.rstrip("/<")
    function = _GENERIC.sub("", function)
    return "" if function.lower() in _ANONYMOUS else _NUMBERED.sub("", function)


def _without_cycles(keys: list[str]) -> list[str]:
    """A stretch of at most three frames that repeats at once is there once."""
    for length in (2, 3):
        found: list[str] = []
        at = 0
        while at < len(keys):
            piece = keys[at : at + length]
            found += piece
            at += length
            while len(piece) == length and keys[at : at + length] == piece:
                at += length
        keys = found
    return keys
