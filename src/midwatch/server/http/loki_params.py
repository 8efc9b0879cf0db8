"""Parameters of Loki's HTTP API: times in nanoseconds, seconds or RFC 3339; durations as `30s` or in seconds."""

import math

from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import TIME_NS_MAX, TIME_NS_MIN, TimeRange, parse_time
from midwatch.server.promql.grid import Grid
from midwatch.server.query.logql.syntax.units import seconds_of

STEPS_MAX = 11_000
"""Loki's own bound on points per series."""
LINES_MAX = 5_000
"""Loki's own default bound on the lines of an answer."""
POINTS_WANTED = 250
"""What the default step is made for."""
SINCE_SECONDS = 3600.0
SECONDS_DIGITS_MAX = 10


def span_of(start: str, end: str, since: str, now_ns: int, *, seconds: float = SINCE_SECONDS) -> TimeRange:
    """From start to end; by default the last hour, or as long as `since` says.

    Raises:
        BadRequest: a time that cannot be read, or an end that is not after its start.
    """
    end_ns = time_of(end, "end", now_ns) if end else now_ns
    length = duration(since, "since") if since else seconds
    start_ns = time_of(start, "start", now_ns) if start else end_ns - int(length * 1e9)
    if end_ns <= start_ns:
        raise BadRequest("end timestamp must not be before or equal to start time")
    return TimeRange(start_ns, end_ns)


def time_of(text: str, name: str, now_ns: int) -> int:
    """Nanoseconds; as Loki has it, a whole number of more than ten digits is nanoseconds, and a shorter one seconds.

    Raises:
        BadRequest: a time that cannot be read.
    """
    digits = text.strip().lstrip("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        return parse_time(text, now_ns=now_ns, name=name)
    time_ns = int(text) if len(digits) > SECONDS_DIGITS_MAX else int(text) * 10**9
    if not TIME_NS_MIN <= time_ns <= TIME_NS_MAX:
        raise BadRequest(f"{name}={text!r}: expected a time between 1900 and 2262")
    return time_ns


def grid_of(span: TimeRange, step: str) -> Grid:
    """Start, end and step in milliseconds.

    Raises:
        BadRequest: a step that is none, or too many of them.
    """
    step_ms = (
        round(duration(step, "step") * 1000) if step else max(1000, math.floor(span.seconds / POINTS_WANTED) * 1000)
    )
    if step_ms <= 0:
        raise BadRequest("zero or negative query resolution step widths are not accepted. Try a positive integer")
    grid = Grid(span.start_ns // 1_000_000, span.end_ns // 1_000_000, step_ms)
    if grid.steps > STEPS_MAX:
        raise BadRequest(
            f"exceeded maximum resolution of {STEPS_MAX:,} points per time series."
            " Try increasing the value of the step parameter"
        )
    return grid


def duration(text: str, name: str) -> float:
    """Seconds; a number alone is seconds already."""
    seconds = seconds_of(text)
    if seconds is None:
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
    if not math.isfinite(seconds) or not 0 <= seconds < 1e10:
        raise BadRequest(f"{name}={text[:40]!r}: expected a duration such as 30s, or seconds")
    return seconds


def forward(direction: str) -> bool:
    """
    Raises:
        BadRequest: neither forward nor backward.
    """
    if direction.lower() not in ("forward", "backward"):
        raise BadRequest(f"direction={direction[:20]!r}: expected forward or backward")
    return direction.lower() == "forward"
