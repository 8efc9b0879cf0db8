"""Rate, errors and duration from rows of the roll-ups by minute; figures are weighted for sampling."""

import math
from typing import Any

from midwatch.server.model.timerange import TimeRange
from midwatch.server.schemas.services import Red

COLUMNS = """sum(Count) AS requests, sum(Errors) AS errors,
    quantilesTDigestWeightedMerge(0.5, 0.95, 0.99)(Durations) AS quantiles"""
NOTHING: dict[str, Any] = {"requests": 0, "errors": 0, "quantiles": []}


def red(row: dict[str, Any], span: TimeRange) -> Red:
    quantiles = [None if math.isnan(value) else value for value in row["quantiles"]] if row["requests"] else []
    p50, p95, p99 = quantiles or (None, None, None)
    requests, errors = float(row["requests"]), float(row["errors"])
    return Red(
        requests=requests,
        errors=errors,
        rate=requests / span.seconds,
        error_ratio=errors / requests if requests else 0.0,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )
