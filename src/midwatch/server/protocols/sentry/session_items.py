"""Items `session` and `sessions` → log records `sentry.session` (develop.sentry.dev/sdk/telemetry/sessions).

A session's records have the time when it began: a later one of the same id says how it went on.
"""

from typing import Any

from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from midwatch.server.protocols.sentry.attributes import Attributes, pairs, put
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.reading import BadItem, count, number, object_of, objects_of, read_object, text
from midwatch.server.protocols.sentry.sent import Origin, Sent

EVENT_NAME = "sentry.session"
STATUSES = ("ok", "exited", "crashed", "abnormal", "errored", "unhandled")
COUNTED = ("exited", "errored", "crashed", "abnormal", "unhandled")
"""What aggregates count."""
AGGREGATES_MAX = 1000
COUNT_MAX = 1_000_000_000
SECONDS_MAX = 366 * 86_400


def take_session(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Raises BadItem."""
    value = read_object(payload)
    session_id, status = text(value.get("sid")), text(value.get("status")) or "ok"
    began_ns = sent.time(value.get("started"))
    if not session_id:
        raise BadItem("sid: expected the session's id")
    if status not in STATUSES:
        raise BadItem(f"status={status[:40]}: expected one of {', '.join(STATUSES)}")
    if began_ns is None:
        raise BadItem("started: expected seconds since 1970 or RFC 3339")
    told = object_of(value, "attrs")
    attributes: Attributes = {"session.id": session_id[:200], "session.status": status}
    attributes["session.init"] = value.get("init") is True
    attributes["session.errors"] = count(value.get("errors"), COUNT_MAX)
    attributes["session.count"] = 1
    seconds = number(value.get("duration"))
    if seconds is not None and 0 <= seconds <= SECONDS_MAX:
        attributes["session.duration"] = seconds
    put(attributes, "user.id", text(value.get("did"))[:200])
    put(attributes, "user_agent.original", text(told.get("user_agent")) or sent.user_agent)
    put(attributes, "session.abnormal_mechanism", text(value.get("abnormal_mechanism")))
    _put(into, _origin(sent, told), began_ns, sent.time(value.get("timestamp")) or sent.received_ns, attributes, sent)


def take_sessions(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Sessions that a server counted by the minute; a record for each status. Raises BadItem."""
    value = read_object(payload)
    if not isinstance(value.get("aggregates"), list):
        raise BadItem("aggregates: expected a list")
    if len(value["aggregates"]) > AGGREGATES_MAX:
        raise BadItem(f"aggregates: expected at most {AGGREGATES_MAX:,}, not {len(value['aggregates']):,}")
    origin = _origin(sent, object_of(value, "attrs"))
    for one in objects_of(value["aggregates"], AGGREGATES_MAX):
        began_ns = sent.time(one.get("started"))
        if began_ns is None:
            into.skipped["session_time_missing"] += 1
            continue
        for status in COUNTED:
            if sessions := count(one.get(status), COUNT_MAX):
                attributes: Attributes = {"session.status": status, "session.count": sessions}
                put(attributes, "user.id", text(one.get("did"))[:200])
                _put(into, origin, began_ns, sent.received_ns, attributes, sent)


def _origin(sent: Sent, told: dict[str, Any]) -> Origin:
    return sent.origin(release=told.get("release"), environment=told.get("environment"))


def _put(into: Telemetry, origin: Origin, began_ns: int, told_ns: int, attributes: Attributes, sent: Sent) -> None:
    sent.about(attributes)
    record = into.record(origin)
    record.event_name = EVENT_NAME
    record.severity_number = SeverityNumber.SEVERITY_NUMBER_INFO
    record.time_unix_nano, record.observed_time_unix_nano = began_ns, told_ns
    sessions = attributes["session.count"]
    record.body.string_value = (
        f"{sessions} sessions {attributes['session.status']}"
        if sessions > 1
        else (f"session {attributes['session.status']}")
    )
    record.attributes.extend(pairs(attributes.items()))
