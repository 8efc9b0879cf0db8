"""One segment as it is kept: what is private removed, compressed, and counted. Pure; takes a thread's time."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from midwatch.server.privacy.scrubber import Scrubber
from midwatch.server.protocols.sentry.replay import BadReplay, ReplayEvent
from midwatch.server.workspace.replays import SECONDS_MAX

EARLY_SECONDS_MAX = 3600
"""Events that were buffered before the beginning that is said."""
RAGE_CLICKS_MIN = 3
"""So many clicks on one thing, within a second of each other, are told by an angry visitor."""
_GZIP = 31
"""zlib's way to say: with gzip's header, as HTTP has it, so that a reader gets the bytes as they are kept."""
_CUSTOM = 5


@dataclass(frozen=True, slots=True)
class Segment:
    content: bytes
    """JSON array of rrweb's events, compressed by gzip."""
    unpacked_bytes: int
    events: int
    dropped: int
    """Events whose times are not those of the replay."""
    first_ms: int
    last_ms: int
    clicks: int
    dead_clicks: int
    rage_clicks: int


def made(event: ReplayEvent, events: list[dict[str, Any]], scrubber: Scrubber) -> Segment:
    """
    Raises:
        BadReplay: nested too deeply to be written again.
    """
    earliest, latest = event.started_ms - EARLY_SECONDS_MAX * 1000, event.started_ms + SECONDS_MAX * 1000
    kept = [one for one in events if earliest <= one["timestamp"] <= latest]
    for one in kept:
        scrubber.recorded(one)
    clicks, dead, rage = _clicks(kept)
    written = scrubber.written(_written(kept))
    packing = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    return Segment(
        content=packing.compress(written) + packing.flush(),
        unpacked_bytes=len(written),
        events=len(kept),
        dropped=len(events) - len(kept),
        first_ms=kept[0]["timestamp"] if kept else event.at_ms,
        last_ms=kept[-1]["timestamp"] if kept else event.at_ms,
        clicks=clicks,
        dead_clicks=dead,
        rage_clicks=rage,
    )


def _written(events: list[dict[str, Any]]) -> bytes:
    try:
        return orjson.dumps(events)
    except orjson.JSONEncodeError:
        pass
    try:  # a page of over a hundred levels: orjson writes no deeper than that, and json as deep as Python goes
        return json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    except (RecursionError, ValueError):
        raise BadReplay("the recording: cannot keep it: it is nested too deeply") from None


def _clicks(events: Iterable[dict[str, Any]]) -> tuple[int, int, int]:
    clicks = dead = rage = 0
    for event in events:
        data = event.get("data")
        if event["type"] != _CUSTOM or not isinstance(data, dict) or data.get("tag") != "breadcrumb":
            continue
        said = data.get("payload")
        category = said.get("category") if isinstance(said, dict) else None
        more = said.get("data") if isinstance(said, dict) else None
        more = more if isinstance(more, dict) else {}
        if category in ("ui.click", "ui.tap"):
            clicks += 1
        elif category in ("ui.multiClick", "ui.slowClickDetected"):
            count = more.get("clickCount")
            rage += isinstance(count, int) and count >= RAGE_CLICKS_MIN
            dead += category == "ui.slowClickDetected" and more.get("endReason") == "timeout"
    return clicks, dead, rage
