"""What `import midwatch` offers."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import structlog

from midwatch.contract.failures import CategoryRule
from midwatch.contract.redaction.said import safe_text
from midwatch.sdk import error_hooks
from midwatch.sdk import options as reading
from midwatch.sdk.alarms import alarm, alarm_fired
from midwatch.sdk.arguments import Arguments
from midwatch.sdk.context import bind, work
from midwatch.sdk.costs import cost
from midwatch.sdk.error_policy import ErrorPolicy
from midwatch.sdk.event_relay import relay
from midwatch.sdk.events import event, transition
from midwatch.sdk.handlers.handler import RunHeld
from midwatch.sdk.handlers.registry import replay_store
from midwatch.sdk.handlers.replayable import replayable
from midwatch.sdk.health import Health
from midwatch.sdk.heartbeats import cron, heartbeat
from midwatch.sdk.instrument import answer_errors, instrument
from midwatch.sdk.integrations.health import HealthAsgi, HealthWsgi, add_routes
from midwatch.sdk.integrations.metrics import MetricsAsgi, MetricsWsgi, expose, serve_metrics
from midwatch.sdk.jobs import current_job, job, queue_depth
from midwatch.sdk.llm import llm_call
from midwatch.sdk.llm_json import InvalidLlmJson, parse_llm_json
from midwatch.sdk.messages import ids, received
from midwatch.sdk.metrics import Counter, Gauge, Histogram, Shape
from midwatch.sdk.options import ConfigurationError
from midwatch.sdk.outbox import outbox, outbox_async
from midwatch.sdk.privacy import keyed_hash, last2, phone_hash
from midwatch.sdk.retries import retrying
from midwatch.sdk.setup import METRICS, flush, in_force, shutdown, start
from midwatch.sdk.sse import sse_frame
from midwatch.sdk.steps import step
from midwatch.sdk.worker_health import serve as worker_health

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
    "RunHeld",
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
    "outbox",
    "outbox_async",
    "parse_llm_json",
    "phone_hash",
    "queue_depth",
    "received",
    "relay",
    "replay_store",
    "replayable",
    "retrying",
    "serve_metrics",
    "shutdown",
    "sse_frame",
    "step",
    "transition",
    "work",
    "worker_health",
]


def init(**options: Unpack[Arguments]) -> None:
    """Set up logs, traces and metrics of this process.

    Args:
        service: Its name; else `OTEL_SERVICE_NAME`, `SERVICE_NAME`.
        environment: Such as `production`; else `MIDWATCH_ENVIRONMENT`, `ENVIRONMENT`, `APP_ENV`, `ENV`.
        version: The release; else `MIDWATCH_RELEASE`, `SERVICE_VERSION`.
        dsn: `http(s)://KEY@host:4318`; else `MIDWATCH_DSN`, else the `OTEL_EXPORTER_OTLP_…` variables. Without any
            of them lines go to stdout and nothing is sent.
        log_level: debug, info, warning, error or critical; else `LOG_LEVEL`, else info in production, else debug.
        log_format: json, console, or auto: console on a terminal, JSON everywhere else.
        log_file: A file that lines are also written to; rotated at 10 MiB, five kept.
        log_keys: Other names for the keys of a line, such as `{"timestamp": "ts", "message": "event"}`.
        sample_rate: The share of traces to keep, 0 to 1; else `OTEL_TRACES_SAMPLER`, else 1.
        errors: Which errors are told and as what: ignored ones, sampled ones, the team's categories.
        buffer: A directory for what cannot be sent, within 64 MiB and a day, until the server is back, in the next
            process too; else `MIDWATCH_BUFFER`, else what has no room in memory is given up.
        threads: Whether threads and pools of threads go on under the context of who starts them; else
            `MIDWATCH_THREADS`, else yes.
        plan: The team's plan, such as `observability`: its privacy rules, and its sampling for the environment; else
            `MIDWATCH_PLAN`. Needs `midwatch[plan]`.
        contract: Whether lines that are not as the plan's `log_events` and `required_keys` have them are told of on
            stderr, each event once; else `MIDWATCH_CONTRACT`, else in environments such as local and test.
        privacy_key: `ID:SECRET`, older ones behind it after commas: hashes of phone numbers and other values are made
            with it; else `MIDWATCH_PRIVACY_KEY`, also `MIDWATCH_PRIVACY_KEY_FILE`.
        privacy_region: Where phone numbers without a country code are of, such as `US`; else
            `MIDWATCH_PRIVACY_REGION`, else what the plan says.

    Raises:
        ConfigurationError: An option cannot be; the message names it and the mend. Nothing raises after that.
    """
    start(reading.read(**options))
    error_hooks.install()


def capture_exception(
    error: BaseException | None = None,
    *,
    user: Mapping[str, Any] | str | None = None,
    tags: Mapping[str, Any] | None = None,
    extras: Mapping[str, Any] | None = None,
    category: str = "",
    severity: str = "error",
    fingerprint: Sequence[str] = (),
) -> str:
    """Tell of a failure that the app has handled; the event's id, empty where there is none.

    Args:
        error: The exception; else the one that is being handled. One that was told already is not told again.
        user: Its id, or `{"id": …, "plan": …}`.
        tags: Few values each, to search and group by.
        extras: Whatever helps to understand it.
        category: Else what `ErrorPolicy.categories` and the defaults say.
        severity: fatal, error, warning or info.
        fingerprint: Errors with the same are one issue, whatever they look like.
    """
    found, running = sys.exc_info()[1] if error is None else error, in_force()
    if found is None or running is None:
        return ""
    return running.errors.capture(
        found,
        severity=severity,
        category=category,
        fingerprint=fingerprint,
        user=user,
        tags=tags,
        extras=extras,
    )


def get_logger(name: str = "", **fields: Any) -> Any:
    """A structlog logger; `fields` and those of `.bind(…)` are on each of its lines."""
    named = name if isinstance(name, str) else safe_text(name)
    return structlog.get_logger(*((named,) if named else ()), **fields)


def counter(name: str, description: str = "", labels: Sequence[str] = (), *, unit: str = "") -> Counter:
    """Something that only grows. Raises ValueError for a name or label that none can have.

    A metric that the SDK measures by itself may be declared here with labels and buckets of the app's own, before it
    is measured. `unit` is UCUM's (`s`, `ms`, `By`) or a word (`seconds`).
    """
    return METRICS.get(Counter, Shape(name, description, tuple(labels), unit), by_app=True)


def gauge(
    name: str,
    description: str = "",
    labels: Sequence[str] = (),
    *,
    unit: str = "",
    multiprocess_mode: str | None = None,
) -> Gauge:
    """Something that goes up and down.

    `multiprocess_mode` says what several processes of an app make of it where one exposes them all, as
    `prometheus_client` has it: `livesum` (the default), `livemax`, `livemin`, `livemostrecent`, `liveall`, and the same
    without `live`, which keep the value of a process that has gone.
    """
    return METRICS.get(Gauge, Shape(name, description, tuple(labels), unit, None, multiprocess_mode), by_app=True)


def health(app: Any, checks: Mapping[str, Any] | None = None, **options: Any) -> Health:
    """Answer `/health`, and `/ready` and `/api/health` with the checks, in a FastAPI, Starlette or Flask app.

    `checks` names what the service needs: SQLAlchemy engines, psycopg connections and pools, Redis clients, addresses
    (`https://…`, `postgresql://…`), `(s3_client, "bucket")`, callables. `options` are those of `Health`.

    Raises:
        TypeError: the app, or a check, is of no known kind.
    """
    made = Health(checks, **options)
    add_routes(app, made)
    return made


def histogram(
    name: str,
    description: str = "",
    labels: Sequence[str] = (),
    buckets: Sequence[float] | None = None,
    *,
    unit: str = "",
) -> Histogram:
    """A distribution; `buckets` are upper bounds, the one without end is added; else those for seconds up to 10."""
    bounds = None if buckets is None else tuple(map(float, buckets))
    return METRICS.get(Histogram, Shape(name, description, tuple(labels), unit, bounds), by_app=True)
