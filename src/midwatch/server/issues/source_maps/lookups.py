"""Which files an event's frames need. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.server.issues.source_maps.bundle import DIST_CHARACTERS_MAX, RELEASE_CHARACTERS_MAX, debug_id_of

PLATFORMS = frozenset({"javascript", "node"})
LOOKUPS_MAX = 50
"""Of one event; frames of further files stay as they came."""
FRAMES_MAX = 1000
"""Of one event."""
STACKS_MAX = 100
URL_CHARACTERS_MAX = 2000
_HOST = re.compile(r"[a-zA-Z][\w+.-]*://[^/]*")
_NATIVE = ("native ", "node:", "internal/", "[native", "<anonymous>", "webpack-internal:", "blob:", "data:")


@dataclass(frozen=True, slots=True)
class Lookup:
    """One minified file of one event."""

    url: str
    """As frames have it: `abs_path`."""
    debug_id: str = ""
    release: str = ""
    dist: str = ""

    def names(self) -> tuple[str, ...]:
        """What the file may be called in an upload, the closest first; whatever stands where an address should."""
        whole = self.url.partition("#")[0]
        plain = whole.partition("?")[0]
        found = [whole, plain]
        host = _HOST.match(plain)
        path = host.end() if host else 0
        if plain.startswith("/", path):
            found += [f"~{whole[path:]}", f"~{plain[path:]}"]
        return tuple(dict.fromkeys(found))


def wanted(event: Mapping[str, Any]) -> list[Lookup]:
    """Each file once; none for events that are no JavaScript, or whose frames are resolved."""
    debug_ids = _debug_ids(event)
    release, dist = _text(event.get("release"), RELEASE_CHARACTERS_MAX), _text(event.get("dist"), DIST_CHARACTERS_MAX)
    found: dict[str, Lookup] = {}
    for frame in frames_of(event):
        url = url_of(frame)
        if url and url not in found and len(found) < LOOKUPS_MAX:
            found[url] = Lookup(url, debug_ids.get(url, ""), release, dist)
    return [one for one in found.values() if one.debug_id or one.release]


def stacks_of(event: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    """Exceptions and threads that have a stack, with it and their platform's name."""
    count = 0
    for part in ("exception", "threads"):
        value = event.get(part)
        values = value.get("values") if isinstance(value, dict) else value
        for holder in values if isinstance(values, list) else ():
            stack = holder.get("stacktrace") if isinstance(holder, dict) else None
            if isinstance(stack, dict) and isinstance(stack.get("frames"), list) and count < STACKS_MAX:
                count += 1
                yield holder, stack, str(event.get("platform") or "")
    stack = event.get("stacktrace")
    if isinstance(stack, dict) and isinstance(stack.get("frames"), list) and isinstance(event, dict):
        yield event, stack, str(event.get("platform") or "")


def frames_of(event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Frames that are to be resolved: JavaScript's, with a place in a file, and not resolved before."""
    count = 0
    for _, stack, platform in stacks_of(event):
        for frame in stack["frames"]:
            if count >= FRAMES_MAX:
                return
            count += 1
            if is_open(frame, platform):
                yield frame


def is_open(frame: object, platform: str) -> bool:
    if not isinstance(frame, dict) or str(frame.get("platform") or platform) not in PLATFORMS:
        return False
    data = frame.get("data")
    return bool(url_of(frame)) and not (isinstance(data, dict) and data.get("symbolicated") is True)


def url_of(frame: Mapping[str, Any]) -> str:
    """Empty for what is no file: the engine's own frames, code that was evaluated."""
    url = frame.get("abs_path") or frame.get("filename")
    if not isinstance(url, str) or len(url) > URL_CHARACTERS_MAX or not isinstance(frame.get("lineno"), int):
        return ""
    return "" if not url or url.startswith(_NATIVE) else url


def _debug_ids(event: Mapping[str, Any]) -> dict[str, str]:
    meta = event.get("debug_meta")
    images = meta.get("images") if isinstance(meta, dict) else None
    found = {}
    for image in (images if isinstance(images, list) else [])[:FRAMES_MAX]:
        if isinstance(image, dict) and image.get("type") == "sourcemap" and isinstance(image.get("code_file"), str):
            found[image["code_file"]] = debug_id_of(image.get("debug_id"))
    return found


def _text(value: object, characters_max: int) -> str:
    return value if isinstance(value, str) and len(value) <= characters_max else ""
