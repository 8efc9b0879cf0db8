"""OpenTelemetry's own: spans and metrics of its FastAPI instrumentation, lines by its logging handler and on stdout.

It has no request lines: uvicorn's access line, one per request, goes the same way.
"""

import logging
import sys
from typing import Any

import orjson
from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from benchmarks.sdk.apps.routes import make


class JsonOnStdout(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        span = trace.get_current_span().get_span_context()
        line = {
            "timestamp": record.created,
            "level": record.levelname,
            "message": record.getMessage(),
            "trace_id": f"{span.trace_id:032x}",
            "span_id": f"{span.span_id:016x}",
            **getattr(record, "fields", {}),
        }
        sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
        sys.stdout.buffer.flush()


who = Resource.create({"service.name": "measured"})
traces = TracerProvider(resource=who)
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(traces)
metrics.set_meter_provider(
    MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=15_000)], who)
)
records = LoggerProvider(who)
records.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
set_logger_provider(records)
logging.basicConfig(level=logging.INFO, handlers=[LoggingHandler(logger_provider=records), JsonOnStdout()])
logging.getLogger("uvicorn.access").handlers = []
log = logging.getLogger("measured")


def say(message: str, **fields: Any) -> None:
    log.info(message, extra={**fields, "fields": fields})


app = make(say)
FastAPIInstrumentor.instrument_app(app, exclude_spans=["receive", "send"])
