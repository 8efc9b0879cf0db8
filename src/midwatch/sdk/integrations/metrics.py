"""`/metrics` before an app, be it ASGI or WSGI."""

from typing import Any

from midwatch.sdk.exposition import PATH, Exposition
from midwatch.sdk.integrations.pages import PagesAsgi, PagesWsgi, add_before
from midwatch.sdk.own_server import OwnServer, serve


class MetricsAsgi(PagesAsgi):
    """Around an ASGI app."""

    def __init__(self, app: Any, *, path: str = PATH, token: str | None = None) -> None:
        super().__init__(app, Exposition(path=path, token=token))


class MetricsWsgi(PagesWsgi):
    """Around a WSGI app."""

    def __init__(self, app: Any, *, path: str = PATH, token: str | None = None) -> None:
        super().__init__(app, Exposition(path=path, token=token))


def expose(app: Any, path: str = PATH, *, token: str | None = None) -> None:
    """Let a FastAPI, Starlette or Flask app answer scrapers, in Prometheus' text format and in OpenMetrics.

    Args:
        app: Any other goes into `midwatch.MetricsAsgi(app)` or `midwatch.MetricsWsgi(app)`.
        path: Where.
        token: What `Authorization: Bearer …` must have; else `MIDWATCH_METRICS_TOKEN`, else anyone may ask.

    Raises:
        TypeError: it is no app with middleware.
    """
    add_before(app, Exposition(path=path, token=token), "midwatch.MetricsAsgi or midwatch.MetricsWsgi")


def serve_metrics(port: int, *, host: str = "127.0.0.1", path: str = PATH, token: str | None = None) -> OwnServer:
    """Answer scrapers at a port of its own, for a process that serves no HTTP. `port` 0 takes a free one."""
    return serve((Exposition(path=path, token=token),), port, host, "metrics")
