"""Logfire, its FastAPI integration, sending over OTLP; its lines are spans without duration."""

import os

import logfire
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from benchmarks.sdk.apps.json_lines import configure
from benchmarks.sdk.apps.routes import make

logfire.configure(
    service_name="measured",
    send_to_logfire=False,
    console=False,
    inspect_arguments=False,
    additional_span_processors=[]
    if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ
    else [BatchSpanProcessor(OTLPSpanExporter())],
)
on_stdout = configure().info


def say(message: str, **fields: object) -> None:
    on_stdout(message, **fields)
    logfire.info(message, **fields)


app = make(say)
logfire.instrument_fastapi(app, extra_spans=False)
