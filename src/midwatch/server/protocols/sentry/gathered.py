"""What items of Sentry's envelopes became, as three requests of OTLP."""

from collections import Counter
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from midwatch.server.protocols.sentry.attributes import pairs
from midwatch.server.protocols.sentry.page_loads import PageLoads
from midwatch.server.protocols.sentry.sent import Origin
from midwatch.server.protocols.sentry.sums import Sums


class Telemetry:
    """Gathers what `convert` makes of items, as many as one wants to put away together.

    `loads` remembers pages between several of these, for what is told of a page later: one for the whole process.
    """

    def __init__(self, loads: PageLoads | None = None) -> None:
        self.traces = ExportTraceServiceRequest()
        self.logs = ExportLogsServiceRequest()
        self.span_count = 0
        self.log_count = 0
        self.sums = Sums()
        self.loads = PageLoads() if loads is None else loads
        self.skipped: Counter[str] = Counter()
        """Parts of items that could not be kept, by reason; the item's other parts were."""
        self._spans: dict[Origin, Any] = {}
        self._records: dict[Origin, Any] = {}

    @property
    def point_count(self) -> int:
        """Of the metrics: points that are summed up count once."""
        return len(self.sums)

    @property
    def metrics(self) -> ExportMetricsServiceRequest:
        """Made anew each time: points of one series are summed up until then."""
        return self.sums.request()

    def span(self, origin: Origin) -> Span:
        """A new one, to be filled in."""
        scope = self._spans.get(origin)
        if scope is None:
            scope = self._spans[origin] = _scope(self.traces.resource_spans.add(), "scope_spans", origin)
        self.span_count += 1
        found: Span = scope.spans.add()
        return found

    def record(self, origin: Origin) -> LogRecord:
        """A new one, to be filled in."""
        scope = self._records.get(origin)
        if scope is None:
            scope = self._records[origin] = _scope(self.logs.resource_logs.add(), "scope_logs", origin)
        self.log_count += 1
        found: LogRecord = scope.log_records.add()
        return found


def _scope(resource: Any, scopes: str, origin: Origin) -> Any:
    resource.resource.attributes.extend(pairs(origin.resource().items()))
    scope = getattr(resource, scopes).add()
    scope.scope.name, scope.scope.version = origin.sdk
    return scope
