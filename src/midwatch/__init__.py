"""Midwatch: observability that a small team runs by itself.

    import midwatch

    midwatch.init(service="api")
    midwatch.instrument(app)

The names below are loaded when they are first used: importing this costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from midwatch._version import __version__

if TYPE_CHECKING:
    from midwatch.sdk.api import (
        CategoryRule,
        ConfigurationError,
        ErrorPolicy,
        Health,
        HealthAsgi,
        HealthWsgi,
        InvalidLlmJson,
        MetricsAsgi,
        MetricsWsgi,
        alarm,
        alarm_fired,
        answer_errors,
        bind,
        capture_exception,
        cost,
        counter,
        cron,
        current_job,
        event,
        expose,
        flush,
        gauge,
        get_logger,
        health,
        heartbeat,
        histogram,
        ids,
        init,
        instrument,
        job,
        keyed_hash,
        last2,
        llm_call,
        parse_llm_json,
        phone_hash,
        queue_depth,
        received,
        retrying,
        serve_metrics,
        shutdown,
        sse_frame,
        step,
        transition,
        work,
        worker_health,
    )

__all__ = [
    "CategoryRule",
    "ConfigurationError",
    "ErrorPolicy",
    "Health",
    "HealthAsgi",
    "HealthWsgi",
    "InvalidLlmJson",
    "MetricsAsgi",
    "MetricsWsgi",
    "__version__",
    "alarm",
    "alarm_fired",
    "answer_errors",
    "bind",
    "capture_exception",
    "cost",
    "counter",
    "cron",
    "current_job",
    "event",
    "expose",
    "flush",
    "gauge",
    "get_logger",
    "health",
    "heartbeat",
    "histogram",
    "ids",
    "init",
    "instrument",
    "job",
    "keyed_hash",
    "last2",
    "llm_call",
    "parse_llm_json",
    "phone_hash",
    "queue_depth",
    "received",
    "retrying",
    "serve_metrics",
    "shutdown",
    "sse_frame",
    "step",
    "transition",
    "work",
    "worker_health",
]


def __getattr__(name: str) -> Any:
    if name == "testing":
        return import_module("midwatch.testing")
    if name not in __all__:
        raise AttributeError(f"module 'midwatch' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module("midwatch.sdk.api"), name)
    return found


def __dir__() -> list[str]:
    return __all__
