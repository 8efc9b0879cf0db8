"""Frames of server-sent events that carry the ids of the work that they tell of (WHATWG HTML, section 9.2)."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.messages import ids

IDS = "ids"
"""Where whoever gets the event finds them: `EventSource` shows nothing of a frame but its data, type and id."""

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


def sse_frame(data: Any, *, event: str = "", event_id: str = "", retry_seconds: float | None = None) -> str:
    """An event with the ids of the work at hand: `yield midwatch.sse_frame({"step": 3}, event="progress")`.

    Args:
        data: A mapping is sent as JSON, with the ids under `ids` unless it has such a key. Text is sent as it is,
            anything else as JSON; the ids are fields of the frame then, which browsers pass over.
        event: Its type; `message` where it is empty.
        event_id: What a browser that connects again sends as `Last-Event-ID`.
        retry_seconds: How long a browser waits before it connects again.
    """
    head, carried = [], ids()
    if event:
        head.append(f"event: {_in_one_line(event)}")
    if event_id:
        head.append(f"id: {_in_one_line(event_id)}")
    if retry_seconds is not None:
        head.append(f"retry: {round(retry_seconds * 1000)}")
    if isinstance(data, Mapping):
        data = {**data, IDS: carried} if IDS not in data else data
    else:
        head.extend(f"{name}: {value}" for name, value in carried.items())
    text = data if isinstance(data, str) else _json(data)
    # A frame ends with an empty line, and a carriage return ends a line, too.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join((*head, *(f"data: {line}" for line in lines))) + "\n\n"


def _json(data: Any) -> str:
    try:
        return orjson.dumps(data, safe_text, _OPTIONS).decode()
    except TypeError:
        # Integers beyond 64 bits, half surrogate pairs; loops, which nobody writes.
        try:
            return json.dumps(data, default=safe_text)
        except (TypeError, ValueError):
            return json.dumps(safe_text(data))


def _in_one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ").replace("\0", " ")
