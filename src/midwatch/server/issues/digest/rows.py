"""An event as the line of JSON that the store reads (server/store/flatten/error_events.py)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from midwatch.server.issues.events.facts import Facts
from midwatch.server.issues.events.normal import exceptions_of, frames_of, time_ns
from midwatch.server.issues.grouping import Grouping
from midwatch.server.privacy.scrubber import Leak

PAYLOAD_BYTES_MAX = 256 << 10
TAGS_MAX = 100
LEAKS_ALONE = "leaks"
"""Says of a line that it is no event, and counts as none that was dropped."""
_FIRST_TO_GO = ("debug_meta", "breadcrumbs", "extra", "threads", "request", "contexts")


def line_of(
    event: dict[str, Any],
    facts: Facts,
    grouping: Grouping,
    *,
    source: str,
    duplicate: bool,
    thin: bool,
    weight: float,
    leaks: Mapping[Leak, int],
) -> bytes:
    adjustments = sorted(
        {"error_" + str(one.get("type", "")) for one in event.get("errors", ()) if "timestamp" in str(one)}
    )
    payload = b""
    if thin:
        adjustments.append("error_counted_only")
    else:
        payload, cut = _payload(event)
        if cut:
            adjustments.append("error_payload_cut")
    return orjson.dumps(
        {
            "time": time_ns(event),
            "id": event["event_id"],
            "hash": grouping.hash,
            "version": grouping.version,
            "type": facts.type,
            "value": facts.value,
            "title": grouping.title or facts.title,
            "culprit": facts.culprit,
            "level": event["level"],
            "severity": facts.severity,
            "category": facts.category,
            "platform": event["platform"],
            "logger": event.get("logger", ""),
            "mechanism": facts.mechanism,
            "handled": facts.handled,
            "service": facts.service,
            "environment": event.get("environment", ""),
            "release": event.get("release", ""),
            "dist": event.get("dist", ""),
            "server": event.get("server_name", ""),
            "transaction": event.get("transaction", ""),
            "trace": facts.trace_id,
            "span": facts.span_id,
            "replay": facts.replay_id,
            "session": facts.session_id,
            "user": facts.user,
            "url": facts.url,
            "browser": facts.browser,
            "os": facts.os,
            "device": facts.device,
            "runtime": facts.runtime,
            "sdk": facts.sdk,
            "source": source,
            "duplicate": duplicate,
            "weight": weight,
            "tags": list(event["tags"].items())[:TAGS_MAX],
            "payload": payload.decode(),
            "adjustments": adjustments,
            "count": 1,
            "leaks": list(Counter(leaks).elements()),
        }
    )


def leaks_line(leaks: Mapping[Leak, int], service: str) -> bytes:
    """What was private in something that is no event: a file, a recording."""
    return orjson.dumps({"dropped": LEAKS_ALONE, "service": service, "leaks": list(Counter(leaks).elements())})


def dropped_line(reason: str, count: int) -> bytes:
    """So many events were not kept."""
    return orjson.dumps({"dropped": reason, "count": count})


def _payload(event: dict[str, Any]) -> tuple[bytes, bool]:
    """The event as JSON. One that is too large loses what helps least first, and says so."""
    found = orjson.dumps(event)
    if len(found) <= PAYLOAD_BYTES_MAX:
        return found, False
    for holder in [*exceptions_of(event), *(event.get("threads", {}).get("values") or [])]:
        for frame in frames_of(holder):
            frame.pop("vars", None)
    event.setdefault("errors", []).append({"type": "too_large", "name": "vars"})
    for name in _FIRST_TO_GO:
        found = orjson.dumps(event)
        if len(found) <= PAYLOAD_BYTES_MAX:
            return found, True
        if event.pop(name, None) is not None:
            event["errors"].append({"type": "too_large", "name": name})
    for one in exceptions_of(event):
        one.pop("raw_stacktrace", None)
        for frame in frames_of(one):
            for key in ("pre_context", "post_context", "context_line"):
                frame.pop(key, None)
    found = orjson.dumps(event)
    return (found, True) if len(found) <= PAYLOAD_BYTES_MAX else (b"", True)
