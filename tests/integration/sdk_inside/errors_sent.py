"""The error events that a sink got."""

import json
from typing import Any

import midwatch
from tests.otlp_sink import OtlpSink


def errors_in(sink: OtlpSink) -> list[dict[str, Any]]:
    assert midwatch.flush()
    return [read(about) for _, about in sink.events("exception")]


def read(about: dict[str, Any]) -> dict[str, Any]:
    """With the JSON texts as what they say."""
    nested = ("exception.frames", "exception.causes", "breadcrumbs")
    return {key: json.loads(value) if key in nested else value for key, value in about.items()}
