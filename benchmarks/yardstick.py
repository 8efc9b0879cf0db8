"""What every machine has to be compared with: a Python loop that only decodes."""

import time

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

_SHAPES = {
    "traces": (ExportTraceServiceRequest, "resource_spans", "scope_spans", "spans"),
    "logs": (ExportLogsServiceRequest, "resource_logs", "scope_logs", "log_records"),
}


def decode_loop(messages: list[bytes], signal: str) -> float:
    """Items per CPU-second of a loop that makes tuples and dicts of what protobuf's C parser gives."""
    request, resources, scopes, items = _SHAPES[signal]
    started, rows = time.process_time(), []
    for raw in messages:
        for resource in getattr(request.FromString(raw), resources):
            for scope in getattr(resource, scopes):
                for item in getattr(scope, items):
                    found = {}
                    for pair in item.attributes:
                        found[pair.key] = getattr(pair.value, pair.value.WhichOneof("value"))
                    rows.append((item.trace_id, item.span_id, found))
    return len(rows) / (time.process_time() - started)
