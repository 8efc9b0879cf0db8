"""Exceptions that are told without their text and their callers' variables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from prometheus_client import CollectorRegistry

from midwatch.contract.redaction.said import SAID
from midwatch.contract.redaction.values import Redactor
from midwatch.sdk.error_policy import ErrorPolicy
from midwatch.sdk.errors import Errors
from midwatch.sdk.frames import WITHOUT_LOCALS
from midwatch.sdk.log_lines import LogKeys, json_line
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.metrics import Metrics
from midwatch.sdk.problems import Problems
from midwatch.sdk.tracing import Span, TracerProvider
from midwatch.sdk.wire.logs import LogRecord

SECRET = "".join(("q1w2", "e3r4"))
"""In no line of the source as it is: tracebacks show those."""


@contextmanager
def refusing(*, marked: bool) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        if marked:
            setattr(error, SAID, "refused")
            setattr(error, WITHOUT_LOCALS, True)
        raise


def ask(question: str, *, marked: bool = True) -> None:
    with refusing(marked=marked):
        raise ValueError(f"cannot answer {question}")


def ask_for(question: str) -> None:
    try:
        ask(question)
    except ValueError as error:
        raise LookupError("no answer") from error


def told(call: Any) -> str:
    """All that is written and sent of what this raises."""
    written: list[bytes] = []
    sent: list[LogRecord] = []
    redactor, problems = Redactor(), Problems()
    logs = LogPipe(
        service="app",
        environment="",
        keys=LogKeys(),
        redactor=redactor,
        write=lambda line: written.append(json_line(line)),
        send=sent.append,
    )
    errors = Errors(ErrorPolicy(), logs, redactor, Metrics(CollectorRegistry(), problems), problems)
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is
        call()
    errors.capture(raised.value)
    provider = TracerProvider(resource=Resource({}), sampler=ALWAYS_ON)
    with pytest.raises(type(raised.value)), provider.get_tracer("app").start_span("call") as span:
        raise raised.value
    assert isinstance(span, Span)
    return f"{written} {[one.attributes for one in (*sent, *span.events)]} {span.status.description}"


def test_what_is_private_is_in_no_line_stack_span_or_event() -> None:
    """Of the exception itself, and of one that was raised for it."""
    for call in (ask, ask_for):
        found = told(lambda call=call: call(SECRET))
        assert SECRET not in found
        assert "refused" in found
        assert '"function":"ask' in found


def test_any_other_exception_is_told_as_it_is() -> None:
    found = told(lambda: ask(SECRET, marked=False))
    assert f"cannot answer {SECRET}" in found
    assert f'"question":"{SECRET}"' in found
