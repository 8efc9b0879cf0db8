"""`$__interval` and its like: how far apart the points of a chart lie. Pure; in milliseconds."""

from bisect import bisect_right

from midwatch.server.dashboards.interpolation import Chosen

SCRAPE_MS = 15_000
"""What a panel without a least step of its own takes for how often its series are sampled."""
_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
_STEPS = [
    *(1, 10, 20, 50, 100, 200, 500),
    *(seconds * _SECOND for seconds in (1, 2, 5, 10, 15, 20, 30)),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 20, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 7, 30, 365)),
]
_BOUNDS = [
    *(10, 15, 35, 75, 150, 350, 750),
    *(1500, 3500, 7500, 12_500, 17_500, 25_000, 45_000),
    *(90_000, 210_000, 450_000, 750_000, 1_050_000, 1_500_000, 2_700_000),
    *(5_400_000, 9_000_000, 16_200_000, 32_400_000, 86_400_000),
    *(604_800_000, 1_814_400_000, 3_628_800_000),
]
"""From here up the next step is taken; Grafana's, so that an imported board has the same points."""
_UNITS = (("w", 7 * _DAY), ("d", _DAY), ("h", _HOUR), ("m", _MINUTE), ("s", _SECOND))


def interval_ms(range_ms: int, points: int, least_ms: int) -> int:
    """A round step at which a range has about so many points, and at least `least_ms`."""
    return max(_STEPS[bisect_right(_BOUNDS, range_ms / max(points, 1))], least_ms)


def rate_interval_ms(step_ms: int, scrape_ms: int = SCRAPE_MS) -> int:
    """A window for `rate` that always holds enough samples: four scrapes, or a step and a scrape."""
    return max(step_ms + scrape_ms, 4 * scrape_ms)


def duration(milliseconds: int) -> str:
    """In the largest unit that holds it whole: `90s`, `2h`."""
    for unit, size in _UNITS:
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def built_in(from_ms: int, to_ms: int, *, points: int = 1000, least_ms: int = 0) -> dict[str, Chosen]:
    """The variables that every panel has. `least_ms` is the panel's or the query's least step; 0 where it has none."""
    range_ms = to_ms - from_ms
    step = interval_ms(range_ms, points, least_ms or 1)
    rate = rate_interval_ms(max(step, least_ms or SCRAPE_MS), least_ms or SCRAPE_MS)
    found = {
        "__interval": duration(step),
        "__interval_ms": str(step),
        "__rate_interval": duration(rate),
        "__rate_interval_ms": str(rate),
        "__range": f"{max(1, round(range_ms / 1000))}s",
        "__range_s": str(max(1, round(range_ms / 1000))),
        "__range_ms": str(range_ms),
        "__from": str(from_ms),
        "__to": str(to_ms),
    }
    return {name: Chosen([value]) for name, value in found.items()}
