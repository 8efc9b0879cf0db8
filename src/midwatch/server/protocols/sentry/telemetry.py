"""Items of Sentry's envelopes that are no errors → OTLP: they join the traces, the logs and the metrics.

Pure: nothing is read or written but what is handed over. A value that makes no sense is left out; an item without
what it cannot be without is a `BadItem`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from midwatch.server.protocols.sentry.client_report import take_client_report
from midwatch.server.protocols.sentry.feedback_items import take_feedback, take_user_report
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.log_items import take_logs
from midwatch.server.protocols.sentry.metric_items import take_metrics
from midwatch.server.protocols.sentry.page_loads import PageLoads
from midwatch.server.protocols.sentry.reading import BadItem
from midwatch.server.protocols.sentry.sent import Sent
from midwatch.server.protocols.sentry.session_items import take_session, take_sessions
from midwatch.server.protocols.sentry.span_items import take_spans
from midwatch.server.protocols.sentry.statsd_items import take_statsd
from midwatch.server.protocols.sentry.transaction import take_transaction

__all__ = ["TYPES", "BadItem", "PageLoads", "Telemetry", "convert"]

_TAKES: dict[str, Callable[[bytes, Sent, Telemetry], None]] = {
    "client_report": take_client_report,
    "feedback": take_feedback,
    "log": take_logs,
    "metric": take_metrics,
    "session": take_session,
    "sessions": take_sessions,
    "span": take_spans,
    "statsd": take_statsd,
    "trace_metric": take_metrics,
    "transaction": take_transaction,
    "user_report": take_user_report,
}
TYPES = frozenset(_TAKES)
"""What `convert` takes."""


def convert(
    item_type: str,
    headers: Mapping[str, Any],
    payload: bytes,
    envelope_headers: Mapping[str, Any],
    received_ns: int,
    into: Telemetry,
) -> None:
    """Add what an item says. `headers` are the item's; the envelope's have `_service` and `_user_agent` from the door.

    Raises:
        BadItem: an item that cannot be read, or without what its type needs; nothing of it was added.
    """
    take = _TAKES.get(item_type)
    if take is None:
        raise BadItem(f"type={item_type[:40]}: expected one of {', '.join(sorted(TYPES))}")
    take(payload, Sent.of(envelope_headers, received_ns), into)
