"""What all items of an envelope share: who sent them, when, and for how many others each of them stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from midwatch.server.protocols.sentry.attributes import Attributes
from midwatch.server.protocols.sentry.reading import number, object_of, text, time_ns

DRIFT_SECONDS_MIN = 55 * 60
"""A sender's clock that is off by more is corrected by what `sent_at` shows, as Sentry's relay does it."""
SERVICE_UNKNOWN = "unknown_service"
"""OpenTelemetry's name of a service without one."""
_THRESHOLDS = 2**56
_LANGUAGES = {
    "sentry.javascript.node": "nodejs",
    "sentry.javascript.cloudflare": "nodejs",
    "sentry.javascript.deno": "nodejs",
    "sentry.javascript.bun": "nodejs",
    "sentry.javascript": "webjs",
    "sentry.python": "python",
}
"""`telemetry.sdk.language` by the beginning of an SDK's name, the longest first."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent something, as OpenTelemetry's resource has it."""

    service: str
    version: str = ""
    environment: str = ""
    host: str = ""
    dist: str = ""
    sdk: tuple[str, str] = ("", "")

    def resource(self) -> Attributes:
        name, version = self.sdk
        found = {
            "service.name": self.service,
            "service.version": self.version,
            "deployment.environment.name": self.environment,
            "host.name": self.host,
            "sentry.dist": self.dist,
            "telemetry.sdk.name": name,
            "telemetry.sdk.version": version,
            "telemetry.sdk.language": next((one for start, one in _LANGUAGES.items() if name.startswith(start)), ""),
        }
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Sent:
    """Of one envelope."""

    received_ns: int
    service: str
    """That of the project's key, for items that name none."""
    user_agent: str
    """Of the request, where it is known."""
    sdk: tuple[str, str]
    trace: dict[str, Any] = field(default_factory=dict)
    """The envelope's trace header (Sentry's dynamic sampling context)."""
    shift_ns: int = 0
    """What the sender's clock lacks."""

    @classmethod
    def of(cls, headers: Mapping[str, Any], received_ns: int) -> "Sent":
        """`_service` and `_user_agent` are put among the headers by the door."""
        sdk = object_of(headers, "sdk")
        at = time_ns(headers.get("sent_at"))
        drift = 0 if at is None else received_ns - at
        return cls(
            received_ns,
            text(headers.get("_service")),
            text(headers.get("_user_agent")),
            (text(sdk.get("name")), text(sdk.get("version"))),
            object_of(headers, "trace"),
            drift if abs(drift) > DRIFT_SECONDS_MIN * 10**9 else 0,
        )

    def time(self, value: Any) -> int | None:
        """Of an item's time stamp, in our clock."""
        found = time_ns(value)
        return None if found is None else max(1, found + self.shift_ns)

    def about(self, attributes: Attributes) -> None:
        """What an item's attributes have to tell of its envelope."""
        if self.shift_ns:
            attributes["sentry.clock_drift_seconds"] = self.shift_ns / 1e9

    def origin(
        self,
        *,
        service: str = "",
        release: Any = None,
        environment: Any = None,
        host: Any = None,
        dist: Any = None,
        sdk: Mapping[str, Any] | None = None,
    ) -> Origin:
        """The item's own words go before those of the envelope."""
        told = sdk or {}
        return Origin(
            service or self.service or SERVICE_UNKNOWN,
            text(release) or text(self.trace.get("release")),
            text(environment) or text(self.trace.get("environment")),
            text(host),
            text(dist),
            (text(told.get("name")) or self.sdk[0], text(told.get("version")) or self.sdk[1]),
        )

    def trace_state(self, own_rate: Any = None) -> str:
        """OpenTelemetry's sampling threshold of the rate that the trace was drawn with; empty where all were taken."""
        rate = number(self.trace.get("sample_rate"))
        rate = number(own_rate) if rate is None else rate
        if rate is None or not 0 < rate < 1:
            return ""
        threshold = min(round((1 - rate) * _THRESHOLDS), _THRESHOLDS - 1)
        return f"ot=th:{threshold:014x}".rstrip("0") if threshold else ""
