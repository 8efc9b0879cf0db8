"""Item `client_report`: what an SDK discarded (develop.sentry.dev/sdk/telemetry/client-reports) → a counter."""

from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.reading import count, objects_of, read_object, text
from midwatch.server.protocols.sentry.sent import Sent

METRIC = "sentry.client.discarded"
ENTRIES_MAX = 1000
_LISTS = ("discarded_events", "filtered_events", "filtered_sampling_events", "rate_limited_events")
LABEL_CHARACTERS_MAX = 100


def take_client_report(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Raises BadItem."""
    value = read_object(payload)
    at_ns = sent.time(value.get("timestamp")) or sent.received_ns
    origin = sent.origin()
    for name in _LISTS:
        for one in objects_of(value.get(name), ENTRIES_MAX):
            quantity = count(one.get("quantity"))
            if not quantity:
                into.skipped["client_report_invalid"] += 1
                continue
            labels = [(key, text(one.get(key))[:LABEL_CHARACTERS_MAX] or "unknown") for key in ("reason", "category")]
            into.sums.add(origin, METRIC, "counter", float(quantity), at_ns, labels=labels)
