"""What `init` is told, and what it says to what cannot be."""

from pathlib import Path

import pytest

from midwatch.sdk.options import ConfigurationError, Target, read

KEYED = {"Authorization": "Bearer k1"}

RIGHT: list[tuple[str, dict[str, object], dict[str, str], str, object]] = [
    ("an argument wins", {"service": "a"}, {"SERVICE_NAME": "b"}, "service", "a"),
    ("OpenTelemetry's name wins", {}, {"OTEL_SERVICE_NAME": "a", "SERVICE_NAME": "b"}, "service", "a"),
    ("the usual name", {}, {"SERVICE_NAME": "b"}, "service", "b"),
    ("from the resource", {}, {"OTEL_RESOURCE_ATTRIBUTES": "service.name=a%20b,x=1"}, "service", "a b"),
    ("environment", {"service": "a"}, {"APP_ENV": "staging"}, "environment", "staging"),
    ("debug elsewhere", {"service": "a"}, {}, "log_level", "debug"),
    ("no debug in production", {"service": "a"}, {"ENVIRONMENT": "production"}, "log_level", "info"),
    ("unless asked", {"service": "a"}, {"ENVIRONMENT": "production", "LOG_LEVEL": "DEBUG"}, "log_level", "debug"),
    ("warn is warning", {"service": "a", "log_level": "WARN"}, {}, "log_level", "warning"),
    ("sample rate", {"service": "a", "sample_rate": 0.25}, {}, "sample_rate", 0.25),
    (
        "OpenTelemetry's sampler",
        {"service": "a"},
        {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"},
        "sample_rate",
        0.1,
    ),
    ("a buffer", {"service": "a", "buffer": Path("/b")}, {"MIDWATCH_BUFFER": "/c"}, "buffer", "/b"),
    ("its variable", {"service": "a"}, {"MIDWATCH_BUFFER": "/c"}, "buffer", "/c"),
    ("its bytes", {"service": "a"}, {"MIDWATCH_BUFFER_BYTES": "1e6"}, "buffer_bytes_max", 1_000_000),
    ("its age", {"service": "a"}, {"MIDWATCH_BUFFER_SECONDS": "60"}, "buffer_seconds_max", 60.0),
    ("nowhere", {"service": "a"}, {}, "targets", {}),
    ("switched off", {"service": "a", "dsn": "http://k1@h:1"}, {"OTEL_SDK_DISABLED": "true"}, "targets", {}),
    (
        "a DSN",
        {"service": "a"},
        {"MIDWATCH_DSN": "https://k1@[::1]:4318/under/"},
        "targets",
        {signal: Target(f"https://[::1]:4318/under/v1/{signal}", KEYED) for signal in ("traces", "logs", "metrics")},
    ),
    (
        "OpenTelemetry's endpoints",
        {"service": "a"},
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318/",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-midwatch-key=k1",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://other:1/v1/logs",
            "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "a=b",
            "OTEL_METRICS_EXPORTER": "none",
        },
        "targets",
        {
            "traces": Target("http://h:4318/v1/traces", {"x-midwatch-key": "k1"}),
            "logs": Target("http://other:1/v1/logs", {"x-midwatch-key": "k1", "a": "b"}),
        },
    ),
]

WRONG: list[tuple[dict[str, object], dict[str, str], str]] = [
    ({}, {}, "service is missing"),
    ({"sevice": "a"}, {}, "sevice is no option of init: did you mean service?"),
    ({"service": "a", "colour": "red"}, {}, "colour is no option of init: it has service, environment"),
    ({"service": "a", "dsn": "k1@h:1"}, {}, "dsn='***@h:1': expected http(s)://"),
    ({"service": "a", "dsn": "http://h:4318"}, {}, "an ingest key"),
    ({"service": "a", "dsn": "http://k1@h:0x"}, {}, "dsn='http://***@h:0x'"),
    ({"service": "a", "dsn": "ftp://k1@h"}, {}, "dsn='ftp://***@h'"),
    ({"service": "a", "log_level": "loud"}, {}, "log_level='loud': expected one of debug, info"),
    ({"service": "a", "log_format": "xml"}, {}, "log_format='xml': expected one of auto, json, console"),
    ({"service": "a", "log_keys": {"time": "ts"}}, {}, "log_keys names 'time': expected one of timestamp"),
    ({"service": "a", "sample_rate": 10}, {}, "sample_rate=10: expected a share from 0 to 1"),
    ({"service": "a", "sample_rate": "all"}, {}, "sample_rate='all'"),
    ({"service": "a", "buffer": 5}, {}, "buffer=5: expected a directory, such as"),
    ({"service": "a"}, {"MIDWATCH_BUFFER_BYTES": "64M"}, "MIDWATCH_BUFFER_BYTES='64M': expected bytes, such as"),
    ({"service": "a"}, {"MIDWATCH_BUFFER_SECONDS": "-1"}, "MIDWATCH_BUFFER_SECONDS='-1': expected seconds, such as"),
    ({"service": "a"}, {"OTEL_TRACES_SAMPLER": "jaeger_remote"}, "OTEL_TRACES_SAMPLER='jaeger_remote'"),
    ({"service": "a"}, {"OTEL_EXPORTER_OTLP_TIMEOUT": "10s"}, "expected milliseconds"),
    ({"service": "a"}, {"OTEL_RESOURCE_ATTRIBUTES": "team"}, "OTEL_RESOURCE_ATTRIBUTES: expected key=value"),
    ({"service": "a"}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "h:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT='h:4318/v1/traces'"),
    ({"service": "a"}, {"OTEL_EXPORTER_OTLP_COMPRESSION": "zip"}, "expected one of gzip, none"),
]


@pytest.mark.parametrize(
    ("told", "environ", "name", "expected"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT]
)
def test_what_is_in_force(told: dict[str, object], environ: dict[str, str], name: str, expected: object) -> None:
    assert getattr(read(**told, environ=environ), name) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("told", "environ", "said"), WRONG, ids=[row[2] for row in WRONG])
def test_each_mistake_is_named(told: dict[str, object], environ: dict[str, str], said: str) -> None:
    """With the option, the value without its key, and what was expected."""
    with pytest.raises(ConfigurationError) as raised:
        read(**told, environ=environ)  # type: ignore[arg-type]
    assert said in str(raised.value)
    assert "k1" not in str(raised.value)


def test_keys_are_not_shown() -> None:
    options = read(service="a", dsn="http://k1@h:1", environ={})
    assert "k1" not in repr(options)
