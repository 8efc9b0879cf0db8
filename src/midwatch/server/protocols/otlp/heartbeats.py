"""The SDK's heartbeats in a request of OTLP logs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from midwatch.contract import events as names

MARKER = b"\x62\x09" + names.HEARTBEAT.encode()
"""A record's event name as it stands in the bytes: a body without it has none, and is not looked into."""
SIGNS_MAX = 1000
"""Of one body; an app that says more of one request is no heart."""


@dataclass(frozen=True, slots=True)
class SentHeartbeat:
    name: str
    status: str
    at_ns: int
    environment: str
    schedule: str
    time_zone: str
    every_seconds: float | None
    grace_seconds: float | None
    seconds: float | None


def heartbeats_in(body: bytes) -> list[SentHeartbeat]:
    """Of a body that the door has taken."""
    request: Any = ExportLogsServiceRequest()
    request.ParseFromString(body)
    found: list[SentHeartbeat] = []
    for resource in request.resource_logs:
        about = _texts(resource.resource.attributes)
        environment = about.get("deployment.environment.name") or about.get("deployment.environment") or ""
        for scope in resource.scope_logs:
            for record in scope.log_records:
                if record.event_name == names.HEARTBEAT and len(found) < SIGNS_MAX:
                    found.append(_sent(record, str(environment)))
    return [one for one in found if one.name]


def _sent(record: Any, environment: str) -> SentHeartbeat:
    said = _texts(record.attributes)
    return SentHeartbeat(
        str(said.get(names.HEARTBEAT_NAME, "")),
        str(said.get(names.HEARTBEAT_STATUS, names.OK)),
        record.time_unix_nano,
        environment,
        str(said.get(names.HEARTBEAT_SCHEDULE, "")),
        str(said.get(names.HEARTBEAT_TIME_ZONE, "UTC")),
        _number(said.get(names.HEARTBEAT_EVERY_SECONDS)),
        _number(said.get(names.HEARTBEAT_GRACE_SECONDS)),
        _number(said.get(names.HEARTBEAT_DURATION_SECONDS)),
    )


def _texts(attributes: Iterable[Any]) -> dict[str, str | int | float | bool]:
    found: dict[str, str | int | float | bool] = {}
    for one in attributes:
        kind = one.value.WhichOneof("value")
        if kind in ("string_value", "int_value", "double_value", "bool_value"):
            found[one.key] = getattr(one.value, kind)
    return found


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
