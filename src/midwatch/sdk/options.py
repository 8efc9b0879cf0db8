"""What `init` is told: arguments, then the environment, then defaults; each mistake named with its mend."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Unpack
from urllib.parse import unquote, urlsplit

from midwatch._version import __version__
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.sdk import privacy_options
from midwatch.sdk.arguments import Arguments, unknown
from midwatch.sdk.buffer import BYTES_MAX, SECONDS_MAX
from midwatch.sdk.error_policy import ErrorPolicy
from midwatch.sdk.log_lines import LogKeys
from midwatch.sdk.privacy_options import Protection

DEFAULT_ENDPOINT = "http://127.0.0.1:4318"
LEVELS = ("debug", "info", "warning", "error", "critical")
FORMATS = ("auto", "json", "console")
PRODUCTION = ("prod", "production", "live")

_ENVIRONMENT = ("MIDWATCH_ENVIRONMENT", "ENVIRONMENT", "APP_ENV", "ENV")
_SIGNALS = ("traces", "logs", "metrics")


class ConfigurationError(ValueError):
    """`init` was told something that cannot be; the message names the option and the mend."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a signal is sent."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Options:
    """All that the SDK needs to know."""

    service: str
    environment: str
    targets: Mapping[str, Target]
    """By signal: `traces`, `logs`, `metrics`; empty where nothing is to be sent."""
    resource: Mapping[str, str]
    log_level: str
    log_format: str
    log_file: str
    log_keys: LogKeys
    sample_rate: float
    errors: ErrorPolicy
    threads: bool
    """Whether threads and pools go on under the context of who starts them."""
    timeout_seconds: float
    metrics_seconds: float
    compression: str
    """gzip or none; empty for gzip over TLS, where data crosses networks, and none beside the server: it costs the app
    more than all else that is done for a request."""
    level_is_asked: bool
    """Whether the level was asked for, and is not the default of the environment."""
    buffer: str = ""
    """The directory for what cannot be sent; empty where it is to be given up."""
    buffer_bytes_max: int = BYTES_MAX
    buffer_seconds_max: float = SECONDS_MAX
    privacy: PrivacyPolicy = field(default_factory=PrivacyPolicy)
    contract: Any = None
    """The plan's `LogContract`; None without a plan."""
    contract_watched: bool = False
    """Whether lines that are not as it says are told of on stderr."""


def read(environ: Mapping[str, str] | None = None, **told: Unpack[Arguments]) -> Options:
    """Raises ConfigurationError for what is wrong, naming it."""
    if mistake := unknown(told):
        raise ConfigurationError(mistake)
    env = os.environ if environ is None else environ
    resource = _resource(env)
    name = (
        told.get("service") or env.get("OTEL_SERVICE_NAME") or env.get("SERVICE_NAME") or resource.get("service.name")
    )
    if not name:
        raise ConfigurationError(
            "service is missing: say init(service='api'), or set SERVICE_NAME or OTEL_SERVICE_NAME"
        )
    where = told.get("environment") or _first(env, _ENVIRONMENT) or resource.get("deployment.environment.name", "")
    release = (
        told.get("version")
        or env.get("MIDWATCH_RELEASE")
        or env.get("SERVICE_VERSION")
        or resource.get("service.version")
    )
    resource = {**resource, "service.name": name}
    if where:
        resource["deployment.environment.name"] = where
    if release:
        resource["service.version"] = release
    protection = _protection(
        environment=where,
        plan=told.get("plan"),
        contract=told.get("contract"),
        privacy_key=told.get("privacy_key"),
        privacy_region=told.get("privacy_region"),
        env=env,
    )
    threads = told.get("threads")
    asked = told.get("log_level") or env.get("LOG_LEVEL") or protection.log_level
    default_level = "info" if where.lower() in PRODUCTION else "debug"
    return Options(
        service=name,
        environment=where,
        targets=_targets(told.get("dsn") or env.get("MIDWATCH_DSN", ""), env),
        resource=resource,
        log_level=_level(asked) if asked else default_level,
        log_format=_one_of("log_format", told.get("log_format") or env.get("LOG_FORMAT") or "auto", FORMATS),
        log_file=told.get("log_file") or env.get("LOG_FILE", ""),
        log_keys=_keys(told.get("log_keys") or {}),
        sample_rate=_sample_rate(told.get("sample_rate"), env, protection.traces_share),
        errors=_errors(told.get("errors")),
        threads=_switch("MIDWATCH_THREADS", env.get("MIDWATCH_THREADS", "true")) if threads is None else threads,
        timeout_seconds=_milliseconds(env, "OTEL_EXPORTER_OTLP_TIMEOUT", 10_000),
        metrics_seconds=_milliseconds(env, "OTEL_METRIC_EXPORT_INTERVAL", 15_000),
        compression=_compression(env.get("OTEL_EXPORTER_OTLP_COMPRESSION", "")),
        level_is_asked=bool(asked),
        buffer=_buffer(told.get("buffer"), env),
        buffer_bytes_max=int(_number(env, "MIDWATCH_BUFFER_BYTES", BYTES_MAX, "bytes")),
        buffer_seconds_max=_number(env, "MIDWATCH_BUFFER_SECONDS", SECONDS_MAX, "seconds"),
        privacy=protection.policy,
        contract=protection.contract,
        contract_watched=protection.watched,
    )


def _protection(**told: Any) -> Protection:
    try:
        return privacy_options.read(**told)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _targets(dsn: str, env: Mapping[str, str]) -> dict[str, Target]:
    """The DSN's host for all signals; without one, what `OTEL_EXPORTER_OTLP_…` say; without those, nowhere."""
    if env.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return {}
    if dsn:
        base, headers = _dsn(dsn)
        return {signal: Target(f"{base}/v1/{signal}", headers) for signal in _SIGNALS}
    common = env.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    targets = {}
    for signal in _SIGNALS:
        exact = env.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT", "")
        url = exact or (f"{common.rstrip('/')}/v1/{signal}" if common else "")
        if url and env.get(f"OTEL_{signal.upper()}_EXPORTER", "otlp") != "none":
            name = f"OTEL_EXPORTER_OTLP_{signal.upper()}_HEADERS"
            _url("OTEL_EXPORTER_OTLP_ENDPOINT", url)
            headers = _pairs(env.get("OTEL_EXPORTER_OTLP_HEADERS", ""), "OTEL_EXPORTER_OTLP_HEADERS")
            targets[signal] = Target(url, headers | _pairs(env.get(name, ""), name))
    return targets


def _dsn(dsn: str) -> tuple[str, dict[str, str]]:
    parts = _url("dsn", dsn)
    if not parts.username:
        raise ConfigurationError(
            f"dsn={_masked(dsn)}: expected http(s)://KEY@host:port with an ingest key; Settings → Keys has one"
        )
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    base = f"{parts.scheme}://{shown}{port}{parts.path.rstrip('/')}"
    return base, {"Authorization": f"Bearer {unquote(parts.username)}"}


def _url(name: str, value: str) -> Any:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ConfigurationError(f"{name}={_masked(value)}: expected http(s)://host:port, such as {DEFAULT_ENDPOINT}")
    return parts


def _masked(value: str) -> str:
    """Without what stands before the @: it may be a key."""
    scheme, slashes, rest = value.rpartition("://")
    return repr(f"{scheme}{slashes}***@{rest.rpartition('@')[2]}" if "@" in rest else value)


def _resource(env: Mapping[str, str]) -> dict[str, str]:
    given = _pairs(env.get("OTEL_RESOURCE_ATTRIBUTES", ""), "OTEL_RESOURCE_ATTRIBUTES")
    return {
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "midwatch",
        "telemetry.sdk.version": __version__,
        **given,
    }


def _pairs(text: str, name: str) -> dict[str, str]:
    """`key=value,key=value`, percent-encoded (W3C Baggage), as OpenTelemetry's variables have it."""
    pairs = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = one.partition("=")
        if not equals or not key.strip():
            raise ConfigurationError(f"{name}: expected key=value,key=value; one part has no '='")
        pairs[unquote(key.strip())] = unquote(value.strip())
    return pairs


def _sample_rate(given: float | None, env: Mapping[str, str], planned: float | None) -> float:
    if given is not None:
        return _share("sample_rate", given)
    sampler, argument = env.get("OTEL_TRACES_SAMPLER", ""), env.get("OTEL_TRACES_SAMPLER_ARG", "1")
    if not sampler and planned is not None:
        return planned
    if sampler in ("", "always_on", "parentbased_always_on"):
        return 1.0
    if sampler in ("always_off", "parentbased_always_off"):
        return 0.0
    if sampler in ("traceidratio", "parentbased_traceidratio"):
        return _share("OTEL_TRACES_SAMPLER_ARG", argument)
    raise ConfigurationError(
        f"OTEL_TRACES_SAMPLER={sampler!r}: expected always_on, always_off or traceidratio, also with parentbased_"
    )


def _share(name: str, value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if not 0 <= share <= 1:
        raise ConfigurationError(f"{name}={value!r}: expected a share from 0 to 1, such as 0.25")
    return share


def _switch(name: str, value: str) -> bool:
    return _one_of(name, value, ("true", "false")) == "true"


def _milliseconds(env: Mapping[str, str], name: str, default: int) -> float:
    """A variable of OpenTelemetry's in milliseconds, as seconds."""
    text = env.get(name, str(default))
    try:
        return max(0.1, float(text) / 1000)
    except ValueError:
        raise ConfigurationError(f"{name}={text!r}: expected milliseconds, such as {default}") from None


def _buffer(given: Any, env: Mapping[str, str]) -> str:
    if given is not None and not isinstance(given, str | PathLike):
        raise ConfigurationError(f"buffer={given!r}: expected a directory, such as '/var/lib/api/midwatch'")
    return str(given or env.get("MIDWATCH_BUFFER", ""))


def _number(env: Mapping[str, str], name: str, default: float, unit: str) -> float:
    text = env.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ConfigurationError(f"{name}={text!r}: expected {unit}, such as {default:g}")
    return number


def _compression(value: str) -> str:
    return _one_of("OTEL_EXPORTER_OTLP_COMPRESSION", value, ("gzip", "none")) if value else ""


def _keys(names: Mapping[str, str]) -> LogKeys:
    try:
        return LogKeys.of(names)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _errors(given: ErrorPolicy | None) -> ErrorPolicy:
    if given is not None and not isinstance(given, ErrorPolicy):
        raise ConfigurationError(f"errors={given!r}: expected midwatch.ErrorPolicy(…)")
    return given or ErrorPolicy()


def _level(value: str) -> str:
    level = value.lower()
    return _one_of("log_level", {"warn": "warning", "fatal": "critical"}.get(level, level), LEVELS)


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value.lower() not in choices:
        raise ConfigurationError(f"{name}={value!r}: expected one of {', '.join(choices)}")
    return value.lower()


def _first(env: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((env[name] for name in names if env.get(name)), "")
