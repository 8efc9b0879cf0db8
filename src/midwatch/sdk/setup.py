"""`init`: reads the options, opens what is needed, and puts it in force; `shutdown` ends it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import time_ns
from typing import Protocol

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from prometheus_client import CollectorRegistry

from midwatch.sdk import runtime, threads
from midwatch.sdk.buffer import Buffer
from midwatch.sdk.context_spans import Stamping
from midwatch.sdk.dropped import Dropped
from midwatch.sdk.endings import Endings
from midwatch.sdk.errors import Errors
from midwatch.sdk.export import SHUTDOWN_SECONDS, Exporter, connections
from midwatch.sdk.instance import Instance
from midwatch.sdk.lines_out import END_SECONDS
from midwatch.sdk.log_output import STDOUT, writer_for
from midwatch.sdk.loggers import Structlog, give_back_standard, take_over_standard
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.metrics import Metrics
from midwatch.sdk.multiprocess import joined
from midwatch.sdk.options import ConfigurationError, Options
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.redaction_signals import Redactors, put_in_force, sent_label
from midwatch.sdk.sampling import sampler_for
from midwatch.sdk.tracing import TracerProvider
from midwatch.sdk.web import WebMetrics, WebServer
from midwatch.sdk.wire.logs import LogEncoder, LogRecord
from midwatch.sdk.wire.logs import of_entries as of_records
from midwatch.sdk.wire.metrics import MetricEncoder
from midwatch.sdk.wire.resource import request
from midwatch.sdk.wire.spans import Entry, SpanEncoder
from midwatch.sdk.wire.spans import of_entries as of_spans

PROCESSES = joined(PROBLEMS)
"""The app's processes, where they share a directory for their metrics: before any metric is made."""
METRICS = Metrics(CollectorRegistry(), PROBLEMS)
"""There before `init`, so that modules can make their metrics when they are imported."""

METRICS.registry.register(Dropped(PROBLEMS))

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_STARTED_NS = time_ns()


@dataclass(frozen=True, slots=True)
class Running:
    """What is in force."""

    options: Options
    exporter: Exporter
    provider: SdkTracerProvider
    logs: LogPipe
    errors: Errors
    web: WebServer


class Capturing(Protocol):
    """A test's: takes what would be sent, of whatever is in force while it lasts."""

    def begin(self, running: Running) -> None: ...


CAPTURES: list[Capturing] = []
"""While there is one, nothing leaves the process."""

_running: Running | None = None
_endings: Endings | None = None
_web_metrics: WebMetrics | None = None
_provider: TracerProvider | None = None


def running() -> Running:
    """Raises RuntimeError before `init`."""
    if _running is None:
        raise RuntimeError("Midwatch is not set up: call midwatch.init(service='…') first")
    return _running


def in_force() -> Running | None:
    """The same for what is harmless before `init`: None there."""
    return _running


def start(options: Options) -> Running:
    """Put these options in force, instead of what was in force before. Nothing waits for the server."""
    global _running, _endings  # noqa: PLW0603 - one per process, as the providers and loggers that it sets up are
    if _running is not None:
        if _running.options == options:
            return _running
        shutdown()
    redactors = put_in_force(options.privacy, options.service)
    resource = redactors.resource(options.resource)
    exporter = Exporter(PROBLEMS, buffer=_buffer(options))
    opened = connections(
        {} if CAPTURES else options.targets, timeout_seconds=options.timeout_seconds, compression=options.compression
    )
    who = Instance(resource)
    runtime.begin(METRICS, shared=PROCESSES is not None)
    processors: list[SpanProcessor] = []
    if "traces" in opened:
        spans = SpanEncoder(redactors.traces.value, redactors.traces.key)

        def join_spans(entries: Sequence[Entry]) -> bytes:
            return request(of_spans(who.encoded, entries))

        processors.append(_Put(exporter.add_lane("traces", join_spans, opened["traces"], spans.entry)))
    send: Callable[[LogRecord], None] = _nowhere
    if "logs" in opened:
        records = LogEncoder()

        def join_logs(entries: Sequence[bytes]) -> bytes:
            return request(of_records(who.encoded, entries))

        send = exporter.add_lane("logs", join_logs, opened["logs"], records.entry)
    if "metrics" in opened:
        series = MetricEncoder(_STARTED_NS, METRICS.given, sent_label)

        def collect() -> bytes:
            return request(series.resource_metrics(who.encoded, METRICS.collect(), time_ns()))

        exporter.add_source(
            "metrics", collect, opened["metrics"], options.metrics_seconds, elsewhere=METRICS.told_to_parent
        )
    provider = _provide(options, Resource(resource), processors)
    logs = _open_logs(options, redactors, send)
    errors = Errors(options.errors, logs, redactors.logs, METRICS, PROBLEMS)
    web = WebServer(provider.get_tracer("midwatch.web"), logs, _metrics_of_web())
    if options.threads:
        threads.follow()
    _running = Running(options, exporter, provider, logs, errors, web)
    _endings = Endings(shutdown, SHUTDOWN_SECONDS)
    for capture in CAPTURES:
        capture.begin(_running)
    return _running


def shutdown(timeout_seconds: float = SHUTDOWN_SECONDS) -> None:
    """Send what waits, as far as the time allows, and put nothing more in force until the next `init`."""
    global _running
    ended, _running = _running, None
    if ended is None:
        return
    if _endings is not None:
        _endings.cancel()
    give_back_standard()
    threads.follow_no_more()
    if isinstance(ended.provider, TracerProvider):
        ended.provider.process_with(())
    ended.exporter.shutdown(timeout_seconds)
    STDOUT.end(min(timeout_seconds, END_SECONDS))


def flush(timeout_seconds: float = SHUTDOWN_SECONDS) -> bool:
    """Send what waits now; True when all of it was taken. For functions that are frozen when they return.

    It takes no longer than this, and less where nobody is there to take anything.
    """
    running = _running
    return running is None or running.exporter.flush(timeout_seconds)


class _Put(Stamping):
    """Puts ended spans in the queue."""

    def __init__(self, put: Callable[[ReadableSpan], None]) -> None:
        # The queue's own function: one call less per span.
        self.on_end = put  # type: ignore[method-assign,assignment]


def _nowhere(_: LogRecord) -> None:
    """For a signal that is not sent."""


def _buffer(options: Options) -> Buffer | None:
    """Raises ConfigurationError where the directory cannot be used."""
    if not options.buffer or not options.targets or CAPTURES:
        return None
    # One key may take another's place; another service or server must not.
    sent_to = [options.service, options.environment, *sorted(target.url for target in options.targets.values())]
    try:
        return Buffer(
            options.buffer,
            "\n".join(sent_to),
            PROBLEMS,
            bytes_max=options.buffer_bytes_max,
            seconds_max=options.buffer_seconds_max,
        )
    except OSError as error:
        raise ConfigurationError(f"buffer={options.buffer!r}: cannot write there: {error.strerror}") from None


def _provide(options: Options, who: Resource, processors: Sequence[SpanProcessor]) -> SdkTracerProvider:
    """Our provider for the whole process; one that the app has set up by itself also sends to us."""
    global _provider  # noqa: PLW0603 - OpenTelemetry takes one provider per process, and no second
    found = trace.get_tracer_provider()
    if isinstance(found, SdkTracerProvider) and found is not _provider:
        for processor in processors:
            found.add_span_processor(processor)
        return found
    sampler = sampler_for(options.sample_rate)
    if _provider is None:
        _provider = TracerProvider(resource=who, sampler=sampler)
        trace.set_tracer_provider(_provider)
    _provider.become(who, sampler)
    _provider.process_with(processors)
    return _provider


def _open_logs(options: Options, redactors: Redactors, send: Callable[[LogRecord], None]) -> LogPipe:
    logs = LogPipe(
        service=redactors.logs.text(options.service),
        environment=redactors.logs.text(options.environment),
        keys=options.log_keys,
        redactor=redactors.logs,
        write=writer_for(options),
        send=send,
    )
    if options.contract and options.contract_watched:
        # Here, because the bare SDK has nothing that reads plans.
        from midwatch.sdk.contract_watch import ContractWatch

        logs.listeners.append(ContractWatch(options.contract, service=options.service, environment=options.environment))
    level = _LEVELS[options.log_level]
    Structlog(logs).configure(level)
    # Libraries say little of use below info: their debug lines come when they are asked for.
    take_over_standard(logs, level if options.level_is_asked else max(level, logging.INFO))
    return logs


def _metrics_of_web() -> WebMetrics:
    global _web_metrics  # noqa: PLW0603 - the metrics of a process are made once
    if _web_metrics is None:
        _web_metrics = WebMetrics(METRICS)
    return _web_metrics
