"""Items `user_report` (older) and `feedback` → log records `user.feedback`."""

from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from midwatch.server.protocols.sentry.attributes import Attributes, pairs, put
from midwatch.server.protocols.sentry.event_facts import origin_of, put_facts
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.reading import BadItem, identifier, object_of, read_object, text
from midwatch.server.protocols.sentry.sent import Origin, Sent

EVENT_NAME = "user.feedback"
MESSAGE_CHARACTERS_MAX = 16_384


def take_feedback(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """An event whose context `feedback` has what was said. Raises BadItem."""
    event = read_object(payload)
    said = object_of(event, "contexts", "feedback")
    message = text(said.get("message"))
    if not message.strip():
        raise BadItem("contexts.feedback.message: expected text")
    attributes: Attributes = {}
    put(attributes, "feedback.name", text(said.get("name")))
    put(attributes, "feedback.contact_email", text(said.get("contact_email")))
    put(attributes, "feedback.source", text(said.get("source")))
    put(attributes, "feedback.id", text(event.get("event_id")))
    put(attributes, "sentry.event_id", text(said.get("associated_event_id")))
    put(attributes, "sentry.replay_id", text(said.get("replay_id")))
    put(attributes, "url.full", text(said.get("url")))
    put(attributes, "sentry.transaction", text(event.get("transaction")))
    put_facts(sent, event, attributes)
    trace = object_of(event, "contexts", "trace")
    ids = identifier(trace.get("trace_id"), 16), identifier(trace.get("span_id"), 8)
    _put(into, origin_of(sent, event), message, attributes, sent.time(event.get("timestamp")), sent, ids)


def take_user_report(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Raises BadItem."""
    value = read_object(payload)
    message = text(value.get("comments"))
    if not message.strip():
        raise BadItem("comments: expected text")
    attributes: Attributes = {}
    put(attributes, "feedback.name", text(value.get("name")))
    put(attributes, "feedback.contact_email", text(value.get("email")))
    put(attributes, "sentry.event_id", text(value.get("event_id")).replace("-", ""))
    sent.about(attributes)
    trace_id = identifier(sent.trace.get("trace_id"), 16)
    _put(into, sent.origin(), message, attributes, None, sent, (trace_id, b""))


def _put(
    into: Telemetry,
    origin: Origin,
    message: str,
    attributes: Attributes,
    at_ns: int | None,
    sent: Sent,
    ids: tuple[bytes, bytes],
) -> None:
    record = into.record(origin)
    record.event_name = EVENT_NAME
    record.severity_number = SeverityNumber.SEVERITY_NUMBER_INFO
    record.time_unix_nano = sent.received_ns if at_ns is None else at_ns
    record.observed_time_unix_nano = sent.received_ns
    record.body.string_value = message[:MESSAGE_CHARACTERS_MAX]
    if ids[0]:
        record.trace_id, record.span_id = ids
    record.attributes.extend(pairs(attributes.items()))
