"""A web vital, whoever measured it: its bounds, and what they make of a value (web.dev/articles/vitals)."""

from typing import Literal

Rating = Literal["good", "needs-improvement", "poor"]
EVENT_NAME = "browser.web_vital"
"""Of its log records (OpenTelemetry semantic conventions 1.44)."""
BOUNDS = {
    "lcp": (2500.0, 4000.0),
    "inp": (200.0, 500.0),
    "cls": (0.1, 0.25),
    "fid": (100.0, 300.0),
    "fcp": (1800.0, 3000.0),
    "ttfb": (800.0, 1800.0),
}
"""Good up to the first, poor above the second; milliseconds, of CLS a score."""


def rating(name: str, value: float) -> Rating:
    good, poor = BOUNDS[name]
    if value <= good:
        return "good"
    return "needs-improvement" if value <= poor else "poor"
