"""What an anomaly rule looks at, with the band that it was compared with: for the page's chart."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from midwatch.server.anomaly.keeper import Ask, Band, BandKeeper
from midwatch.server.anomaly.series import PARTS
from midwatch.server.anomaly.young import Young
from midwatch.server.model.band import LABEL, BandWanted
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.labels import Labels

POINTS = 300
STEP_MS_MIN = 15_000
SERIES_MAX = 20
"""Drawn at once."""
RANGE_MS_MAX = 92 * 86_400_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """One series; arrays are as long as `times_ms`, NaN where there is nothing."""

    labels: Labels
    times_ms: Ints
    observed: Floats
    lower: Floats
    expected: Floats
    upper: Floats
    young: Young | None
    """None: its band is learned, or by another server."""


@dataclass(frozen=True, slots=True)
class Report:
    wanted: BandWanted
    band: Band | None
    step_ms: int
    series: list[Drawn]
    series_total: int


class AnomalyDesk:
    """For the event loop. `find` gives a rule's band by the rule's id: None where it compares with none.

    `find` raises NotFound where there is no such rule.
    """

    def __init__(self, find: Callable[[str], BandWanted | None], keeper: BandKeeper, ask: Ask) -> None:
        self._find, self._keeper, self._ask = find, keeper, ask

    async def report(self, rule_id: str, start_ms: int, end_ms: int) -> Report:
        """Raises NotFound, BadRequest, and what a query raises."""
        wanted = self._find(rule_id)
        if wanted is None:
            raise NotFound(f"cannot draw a band of rule {rule_id}: it is not written with `anomaly`")
        if end_ms - start_ms > RANGE_MS_MAX:
            raise BadRequest("start: expected at most 92 days before the end")
        step = max(STEP_MS_MIN, -(-(end_ms - start_ms) // POINTS // 1000) * 1000)
        # Back from the end, so that the newest point is there.
        start = end_ms - (end_ms - start_ms) // step * step
        selectors = [f'{name}{{{LABEL}="{wanted.id}"}}' for name in PARTS]
        # A band is written once a minute and looked for five minutes back, whatever the step.
        answers = await asyncio.gather(*(self._ask(one, start, end_ms, step) for one in [wanted.query, *selectors]))
        (labels, times, observed), bands = answers[0], [_by_labels(*one) for one in answers[1:]]
        nothing = np.full(len(times), np.nan)
        known = self._keeper.bands.get(wanted.id)
        too_new = {} if known is None else known.too_new
        series = []
        for row, one in enumerate(labels[:SERIES_MAX]):
            lower, expected, upper = (band.get(one, nothing) for band in bands)
            series.append(Drawn(one, times, observed[row], lower, expected, upper, too_new.get(one)))
        return Report(wanted, known, step, series, len(labels))


def _by_labels(labels: list[Labels], _: Ints, values: Floats) -> dict[Labels, Floats]:
    found = (tuple(pair for pair in one if pair[0] != LABEL) for one in labels)
    return dict(zip(found, values, strict=True))
