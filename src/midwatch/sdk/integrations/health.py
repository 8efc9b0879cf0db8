"""The paths of `Health` before an app, be it ASGI or WSGI; anything else is the app's."""

from typing import Any

from midwatch.sdk.health import Health
from midwatch.sdk.integrations.pages import PagesAsgi, PagesWsgi, add_before


def add_routes(app: Any, health: Health) -> None:
    """Answer at the paths of `health`, before the app is asked.

    Raises:
        TypeError: it is no app with middleware; `HealthAsgi(app, health)` and `HealthWsgi(app, health)` go around any.
    """
    add_before(app, health, "midwatch.HealthAsgi or midwatch.HealthWsgi")


class HealthAsgi(PagesAsgi):
    """Around an ASGI app."""

    def __init__(self, app: Any, *, health: Health) -> None:
        super().__init__(app, health)


class HealthWsgi(PagesWsgi):
    """Around a WSGI app."""

    def __init__(self, app: Any, *, health: Health) -> None:
        super().__init__(app, health)
