"""Health of a process that serves no HTTP: a small server of its own, in one thread. It answers `/metrics`, too."""

from collections.abc import Callable, Mapping
from typing import Any

from midwatch.sdk.exposition import Exposition
from midwatch.sdk.health import Health
from midwatch.sdk.own_server import OwnServer
from midwatch.sdk.own_server import serve as serve_pages

QUEUE = "queue"


def serve(
    port: int,
    *,
    host: str = "127.0.0.1",
    queue: Callable[[], Mapping[str, int]] | None = None,
    checks: Mapping[str, Any] | None = None,
) -> OwnServer:
    """Answer probes and scrapers at this port; `queue` counts what waits, is active and failed, and is asked each
    time. `close()` ends it."""
    health = Health(checks, about=None if queue is None else lambda: {QUEUE: dict(queue())})
    return serve_pages((health, Exposition()), port, host, "the worker's health")
