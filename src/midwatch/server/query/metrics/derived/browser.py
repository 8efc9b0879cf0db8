"""Web vitals as histograms, and errors in browsers as a counter: `web.lcp`, `web.errors` …"""

from midwatch.server.query.metrics.derived.metric import Derived
from midwatch.server.query.vitals import columns

SERIES_MAX = 10_000
_SERVICE = (("job", "ServiceName"), ("service_name", "ServiceName"), ("env", "Environment"))
_PAGE = (
    *_SERVICE,
    ("route", columns.ROUTE),
    ("device", columns.DEVICE),
    ("browser", columns.BROWSER),
    ("release", columns.RELEASE),
)
_LONG_MS = (100, 200, 400, 600, 800, 1000, 1300, 1600, 1800, 2000, 2500, 3000, 4000, 5000, 7000, 10_000, 20_000)
_SHORT_MS = (1, 2, 4, 8, 16, 25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 700, 1000, 2000)
_SHIFTS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.4, 0.5, 1.0)
"""Bounds of `good` and `poor` are among each of them, so that shares of these are exact."""
_HELP = {
    "lcp": ("Largest contentful paint, milliseconds", _LONG_MS),
    "inp": ("Interaction to next paint, milliseconds", _SHORT_MS),
    "fid": ("First input delay, milliseconds", _SHORT_MS),
    "fcp": ("First contentful paint, milliseconds", _LONG_MS),
    "ttfb": ("Time to first byte, milliseconds", _LONG_MS),
    "cls": ("Cumulative layout shift, a score", _SHIFTS),
}


def _vital(name: str, help: str, bounds: tuple[float, ...]) -> Derived:
    return Derived(
        f"web_{name}",
        "histogram",
        f"{help}, by route, device, browser and release",
        "logs",
        _PAGE,
        SERIES_MAX,
        where=f"{columns.IS_VITAL} AND {columns.NAME} = '{name}'",
        value=columns.VALUE,
        bounds=tuple(map(float, bounds)),
        aliases=(f"web.{name}",),
    )


BROWSER = (
    *(_vital(name, help, bounds) for name, (help, bounds) in _HELP.items()),
    Derived(
        "web_errors_total",
        "counter",
        "Errors in browsers, by release and browser; those that came twice count once",
        "error_events",
        (*_SERVICE, ("release", "Release"), ("browser", "Browser"), ("type", "Type")),
        SERIES_MAX,
        where="Platform = 'javascript' AND Source != 'browser' AND NOT Duplicate",
        aliases=("web.errors", "web_errors"),
    ),
)
