"""`capture`: what the code of a `with` block tells, in this process, at once and without a network."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from midwatch.contract import failures
from midwatch.sdk import redaction_signals, setup
from midwatch.sdk.api import init
from midwatch.sdk.guard import Guard
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import CAPTURES, Running
from midwatch.sdk.testing.seen import Seen
from midwatch.sdk.testing.values import error_of, event_of, line_of, span_of
from midwatch.sdk.tracing import TracerProvider
from midwatch.sdk.wire.logs import LogRecord

SERVICE = "tests"

_guard = Guard("traces", PROBLEMS)


class _Capture(SpanProcessor):
    """Stands where the exporter's queues would be; lines are written all the same, for the report of a failed test."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._undo: list[Callable[[], None]] = []
        self._keys: Any = None
        self._ended = False
        self._line = threading.local()

    def begin(self, running: Running) -> None:
        logs, provider = running.logs, running.provider
        self._keys = running.options.log_keys
        write, send = logs._write, logs._send

        def written(line: Mapping[str, Any]) -> None:
            self._line.at_hand = dict(line)
            write(line)

        def sent(record: LogRecord) -> None:
            self._take(record)
            # Another capture, around this one.
            send(record)

        logs._write, logs._send = written, sent

        def give_back() -> None:
            logs._write, logs._send = write, send

        self._undo.append(give_back)
        if isinstance(provider, TracerProvider):
            before = provider.processors
            provider.process_with((*(one for one in before if isinstance(one, _Capture)), self))
            self._undo.append(lambda: provider.process_with(before))
        else:
            provider.add_span_processor(self)

    def end(self) -> None:
        self._ended = True
        while self._undo:
            self._undo.pop()()

    def on_end(self, span: ReadableSpan) -> None:
        if self._ended:
            return
        with _guard:
            self._seen.spans.append(span_of(span, redaction_signals.in_force().traces))

    def _take(self, record: LogRecord) -> None:
        line = self._line.__dict__.pop("at_hand", None)
        if line is not None:
            self._seen.lines.append(line_of(record, line, self._keys))
        if record.event_name == failures.EVENT:
            self._seen.errors.append(error_of(record, self._keys))
        elif record.event_name:
            self._seen.events.append(event_of(record, self._keys))


@contextmanager
def capture(**options: Any) -> Iterator[Seen]:
    """See what the block tells: lines, spans, metrics, events and errors, as they would leave the process.

    Nothing is sent meanwhile, whatever `init` is or was told. Without `options`, what is in force stays in force, or
    the defaults are for the block; `options` are those of `init`, for the block.
    """
    was = setup.in_force()
    seen = Seen()
    capturing = _Capture(seen)
    CAPTURES.append(capturing)
    if options or was is None:
        init(**{"service": SERVICE, **options})
    elif was.options.targets:
        setup.start(replace(was.options, targets={}))
    if setup.in_force() is was and was is not None:
        capturing.begin(was)
    try:
        yield seen
    finally:
        CAPTURES.remove(capturing)
        capturing.end()
        if setup.in_force() is not was:
            setup.shutdown(0.0)
            if was is not None:
                setup.start(was.options)
