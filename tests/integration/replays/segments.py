"""Segments of replays as Sentry's SDK sends them."""

import json
import zlib
from typing import Any

AT = 1_795_799_589


def event(replay_id: str, segment: int = 0, *, at: float = AT, **more: Any) -> dict[str, Any]:
    return {
        "type": "replay_event",
        "replay_id": replay_id,
        "segment_id": segment,
        "replay_start_timestamp": at,
        "timestamp": at + 5 * (segment + 1),
        "urls": [f"https://shop.test/{segment}"],
        "error_ids": [],
        "trace_ids": [],
        "replay_type": "session",
        "release": "shop@1",
        "environment": "staging",
        **more,
    }


def recording(segment: int = 0, *, at: float = AT, text: str = "") -> bytes:
    time = at * 1000 + segment * 5000
    events = [
        {"type": 4, "timestamp": time, "data": {"href": "https://shop.test/", "width": 800, "height": 600}},
        {"type": 5, "timestamp": time + 9, "data": {"tag": "breadcrumb", "payload": {"category": "ui.click"}}},
        {"type": 3, "timestamp": time + 4000, "data": {"source": 5, "text": text, "id": 1}},
    ]
    return json.dumps({"segment_id": segment}).encode() + b"\n" + zlib.compress(json.dumps(events).encode())
