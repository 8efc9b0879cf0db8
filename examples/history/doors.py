"""The doors that history goes through: those that live telemetry takes."""

import gzip
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Request = ExportLogsServiceRequest | ExportMetricsServiceRequest | ExportTraceServiceRequest
TRIES_MAX = 60
EVENTS_A_BODY = 500
JSON = {"content-type": "application/json"}
PATHS: dict[type, str] = {
    ExportLogsServiceRequest: "/v1/logs",
    ExportMetricsServiceRequest: "/v1/metrics",
    ExportTraceServiceRequest: "/v1/traces",
}


class DoorRefused(Exception):
    """What was sent is not taken; the message is the server's."""


class Doors:
    """`target` is Midwatch's server.json, `key` an ingest key of project 1."""

    def __init__(self, target: Mapping[str, str], key: str) -> None:
        self._target, self._key = target, key
        self._client = httpx.Client(timeout=60, headers={"authorization": f"Bearer {key}"})

    def otlp(self, request: Request) -> None:
        body = gzip.compress(request.SerializeToString(), 1)
        headers = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
        self._post(self._target["otlp_http_url"] + PATHS[type(request)], body, headers)

    def domain_events(self, events: Sequence[Mapping[str, Any]]) -> None:
        """See docs/events.md for their shape."""
        for some in _pieces(events):
            self._post(
                f"{self._target['url']}/ingest/events", json.dumps(some).encode(), {"content-type": "application/json"}
            )

    def product_events(self, events: Sequence[Mapping[str, Any]]) -> None:
        """As PostHog's SDKs send them: `event`, `distinct_id`, `timestamp` (ISO), `properties`."""
        for some in _pieces(events):
            body = json.dumps({"api_key": self._key, "historical_migration": True, "batch": some}).encode()
            self._post(f"{self._target['url']}/batch/", body, JSON)

    def error(self, at: float, kind: str, message: str, frames: Sequence[Mapping[str, Any]], **event: Any) -> None:
        """One event of Sentry's protocol; `frames` as in a stack trace there, the innermost last."""
        event_id = uuid.uuid4().hex
        told = {
            "event_id": event_id,
            "timestamp": at,
            "platform": "python",
            "level": "error",
            "exception": {"values": [{"type": kind, "value": message, "stacktrace": {"frames": list(frames)}}]},
            **event,
        }
        payload = json.dumps(told)
        sent_at = datetime.fromtimestamp(time.time(), UTC).isoformat()
        lines = (json.dumps({"event_id": event_id, "sent_at": sent_at}), json.dumps({"type": "event"}), payload)
        auth = f"Sentry sentry_version=7, sentry_key={self._key}"
        self._post(f"{self._target['url']}/api/1/envelope/", "\n".join(lines).encode(), {"x-sentry-auth": auth})

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        for _ in range(TRIES_MAX):
            answer = self._client.post(url, content=body, headers=headers)
            if answer.status_code not in (429, 503):
                break
            time.sleep(min(float(answer.headers.get("retry-after", "1")), 5))
        if answer.is_error:
            raise DoorRefused(f"{url} answers {answer.status_code}: {answer.text[:500]}")


def _pieces(items: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    for index in range(0, len(items), EVENTS_A_BODY):
        yield list(items[index : index + EVENTS_A_BODY])
