"""Spans that cost little: OpenTelemetry's tracer provider with a span of our own.

The SDK's span takes 17 to 21 µs from start to end, most of it in guarding against misuse; this one takes 2.4.
Everything else is the SDK's: resource, samplers, id generators, limits, span processors. Any instrumentation for
OpenTelemetry works on it.
"""

import threading
from collections.abc import Mapping, Sequence
from time import time_ns
from types import TracebackType
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits, SpanProcessor
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Decision, ParentBased, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    NoOpTracer,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
)
from opentelemetry.trace import Span as ApiSpan
from opentelemetry.trace import (
    Tracer as ApiTracer,
)
from opentelemetry.util.types import Attributes

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.log_lines import stack_of

_UNSET = Status()
_ERROR = Status(StatusCode.ERROR)
_FLAGS = {
    (True, True): TraceFlags(TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID),
    (True, False): TraceFlags(TraceFlags.SAMPLED),
    (False, True): TraceFlags(TraceFlags.RANDOM_TRACE_ID),
    (False, False): TraceFlags(TraceFlags.DEFAULT),
}
"""By whether the trace is kept, and whether its id is random (W3C Trace Context, level 2)."""


class Span(ApiSpan, ReadableSpan):
    """A span that is its own record: when it has ended, processors get it as it is, and nothing changes it any more."""

    __slots__ = (
        "_tracer",
        "attributes",
        "context",
        "dropped_attributes",
        "dropped_events",
        "dropped_links",
        "end_time",
        "events",
        "kind",
        "links",
        "name",
        "parent",
        "start_time",
        "status",
    )

    name: str
    context: SpanContext
    parent: SpanContext | None
    kind: SpanKind
    attributes: dict[str, Any]
    events: Sequence[Event]
    links: Sequence[Link]
    status: Status
    start_time: int
    end_time: int | None
    dropped_attributes: int
    dropped_events: int
    dropped_links: int

    def __init__(
        self,
        tracer: "Tracer",
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: dict[str, Any],
        links: Sequence[Link],
        start_time: int,
    ) -> None:
        self._tracer = tracer
        self.name = name
        self.context = context
        self.parent = parent
        self.kind = kind
        self.attributes = attributes
        self.links = links
        self.events = ()
        self.status = _UNSET
        self.start_time = start_time
        self.end_time = None
        self.dropped_attributes = self.dropped_events = self.dropped_links = 0
        limits = tracer.limits
        if limits.max_span_attributes is not None and len(attributes) > limits.max_span_attributes:
            self.attributes = {}
            self.set_attributes(attributes)
        if limits.max_links is not None and len(links) > limits.max_links:
            self.dropped_links = len(links) - limits.max_links
            self.links = links[: limits.max_links]

    @property
    def resource(self) -> Resource:
        return self._tracer.resource

    @property
    def instrumentation_scope(self) -> InstrumentationScope:
        return self._tracer.scope

    @property
    def instrumentation_info(self) -> None:
        return None

    def get_span_context(self) -> SpanContext:
        return self.context

    def is_recording(self) -> bool:
        return self.end_time is None

    def set_attribute(self, key: str, value: Any) -> None:
        if self.end_time is not None:
            return
        attributes = self.attributes
        if key not in attributes and len(attributes) >= self._tracer.attributes_max:
            self.dropped_attributes += 1
            return
        attributes[key] = list(value) if type(value) is list else value

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        if self.end_time is not None:
            return
        if len(self.events) >= self._tracer.events_max:
            self.dropped_events += 1
            return
        self.events = (*self.events, Event(name, dict(attributes or {}), timestamp))

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        if self.end_time is not None or not context.is_valid:
            return
        if len(self.links) >= self._tracer.links_max:
            self.dropped_links += 1
            return
        self.links = (*self.links, Link(context, attributes))

    def update_name(self, name: str) -> None:
        if self.end_time is None:
            self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """A status that is OK stays so; UNSET changes nothing (OpenTelemetry's trace API)."""
        if self.end_time is not None or self.status.status_code is StatusCode.OK:
            return
        if isinstance(status, StatusCode):
            status = Status(status, description)
        if status.status_code is not StatusCode.UNSET:
            self.status = status

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT001, FBT002 - the API's
    ) -> None:
        kind = type(exception)
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        stack = stack_of(exception)
        said = {
            "exception.type": f"{module}{kind.__qualname__}",
            "exception.message": safe_text(exception),
            "exception.stacktrace": stack,
        }
        self.add_event("exception", {**said, **(attributes or {})}, timestamp)

    def to_json(self, indent: int | None = 4) -> str:
        """As the SDK's console exporter prints it."""
        plain = ReadableSpan(
            self.name,
            self.context,
            self.parent,
            self.resource,
            self.attributes,
            self.events,
            self.links,
            self.kind,
            status=self.status,
            start_time=self.start_time,
            end_time=self.end_time,
            instrumentation_scope=self.instrumentation_scope,
        )
        return str(plain.to_json(indent))

    def end(self, end_time: int | None = None) -> None:
        if self.end_time is not None:
            return
        processors = self._tracer.provider.processors
        for processor in processors:
            # The SDK's own hook for processors that still change the span.
            processor._on_ending(self)  # type: ignore[arg-type]
        # A clock that was set back meanwhile makes it short, and never end before it began.
        self.end_time = max(self.start_time, time_ns()) if end_time is None else end_time
        for processor in processors:
            processor.on_end(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self.end_time is None:
            self.record_exception(error)
            self.set_status(StatusCode.ERROR, f"{type(error).__name__}: {safe_text(error)}")
        self.end()


class Tracer(SdkTracer):
    """Starts spans; see `opentelemetry.trace.Tracer`."""

    def __init__(self, provider: "TracerProvider", scope: InstrumentationScope) -> None:
        # Not the SDK's constructor: nothing of what it prepares is used here.
        self.provider = provider
        self.scope = scope
        self.read()
        self.id_generator = provider.id_generator
        self.limits = provider.limits
        self.attributes_max = _bound(provider.limits.max_span_attributes)
        self.events_max = _bound(provider.limits.max_events)
        self.links_max = _bound(provider.limits.max_links)
        self._random = self.id_generator.is_trace_id_random()

    def read(self) -> None:
        """Take what is in force from the provider; spans ask the tracer alone."""
        self.resource = self.provider.resource
        self.sampler = self.provider.sampler

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = (),
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT001, FBT002 - the API's
        set_status_on_exception: bool = True,  # noqa: FBT001, FBT002 - the API's
    ) -> ApiSpan:
        parent: SpanContext | None = get_current_span(context).get_span_context()
        if parent is not None and parent.is_valid:
            trace_id, state, random = parent.trace_id, parent.trace_state, parent.trace_flags.random_trace_id
            kept = parent.trace_flags.sampled
        else:
            # A trace id alone is one that a caller without spans gave to the story.
            trace_id = (parent.trace_id if parent is not None else 0) or self.id_generator.generate_trace_id()
            parent, state, random, kept = None, None, self._random, True
        if not self.provider.keeps_what_the_parent_keeps or (parent is None and not self.provider.keeps_roots):
            result = self.sampler.should_sample(context, trace_id, name, kind, attributes, links)
            kept, state = result.decision is Decision.RECORD_AND_SAMPLE, result.trace_state
            attributes = result.attributes
        flags = _FLAGS[kept, random]
        own = SpanContext(trace_id, self.id_generator.generate_span_id(), False, flags, state)
        if not kept:
            return NonRecordingSpan(own)
        started = time_ns() if start_time is None else start_time
        span = Span(self, name, own, parent, kind, dict(attributes) if attributes else {}, tuple(links or ()), started)
        for processor in self.provider.processors:
            processor.on_start(span, parent_context=context)  # type: ignore[arg-type]
        return span


class TracerProvider(SdkTracerProvider):
    """The SDK's provider whose tracers start spans of ours."""

    def __init__(
        self, *, resource: Resource, sampler: Sampler, limits: SpanLimits | None = None, id_generator: Any = None
    ) -> None:
        self.limits = limits or SpanLimits()
        super().__init__(sampler, resource, shutdown_on_exit=False, span_limits=self.limits, id_generator=id_generator)
        self.processors: tuple[SpanProcessor, ...] = ()
        self._ours: dict[InstrumentationScope, Tracer] = {}
        self.become(resource, sampler)

    def _handle_fork(self) -> None:
        """The SDK's builds the resource anew in a pool of threads, whose lock may be held: a worker of Celery that
        was forked hangs for ever. What a fork changes of the resource, `instance.py` changes."""
        self._tracers_lock = threading.Lock()

    def become(self, resource: Resource, sampler: Sampler) -> None:
        """Let all tracers, those handed out too, start spans of this resource and by this sampler from now on."""
        self._resource, self.sampler = resource, sampler
        self.keeps_what_the_parent_keeps = _follows_parent(sampler)
        self.keeps_roots = self.keeps_what_the_parent_keeps and vars(sampler)["_root"] is ALWAYS_ON
        for tracer in self._ours.values():
            tracer.read()

    def process_with(self, processors: Sequence[SpanProcessor]) -> None:
        """These and no others get the spans from now on."""
        self.processors = tuple(processors)

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> ApiTracer:
        scope = InstrumentationScope(
            instrumenting_module_name or "", instrumenting_library_version or "", schema_url, attributes
        )
        found = self._ours.get(scope)
        if found is None:
            theirs = super().get_tracer(
                instrumenting_module_name, instrumenting_library_version, schema_url, attributes
            )
            if isinstance(theirs, NoOpTracer):
                return theirs
            found = self._ours[scope] = Tracer(self, scope)
        return found

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        super().add_span_processor(span_processor)
        self.processors = (*self.processors, span_processor)


def _follows_parent(sampler: Sampler) -> bool:
    """Whether asking the sampler could change nothing for a span that has a parent."""
    if type(sampler) is not ParentBased:
        return False
    plain = ParentBased(ALWAYS_ON)
    mine = vars(sampler)
    return all(mine[name] is value for name, value in vars(plain).items() if name != "_root")


def _bound(limit: int | None) -> int:
    return 1 << 31 if limit is None else limit
