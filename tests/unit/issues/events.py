"""Events as SDKs send them, small."""

from typing import Any

from midwatch.server.issues.events.normal import normal_event

RECEIVED_NS = 1_795_800_000_000_000_000


def frame(function: str = "pay", path: str = "/srv/app/billing/pay.py", **more: Any) -> dict[str, Any]:
    return {"function": function, "abs_path": path, "filename": path, "lineno": 7, "in_app": True, **more}


def exception(
    kind: str = "ValueError", value: str = "bad", frames: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    return {"type": kind, "value": value, "stacktrace": {"frames": [frame()] if frames is None else frames}}


def sent(**more: Any) -> dict[str, Any]:
    return {"event_id": "a" * 32, "platform": "python", "exception": {"values": [exception()]}, **more}


def normal(**more: Any) -> dict[str, Any]:
    return normal_event(sent(**more), RECEIVED_NS, "b" * 32)
