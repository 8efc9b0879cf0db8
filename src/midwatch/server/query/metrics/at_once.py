"""A selector that was asked for before, in one statement instead of three: the store finds the series, tells whether
there are native histograms, and computes.

Nothing that is remembered is taken for granted: which series there are is asked each time, and where an answer would
need more than one statement (nothing found, perhaps another name; many more series than there were), None says so.
"""

from collections.abc import Sequence

from midwatch.server.model.errors import StoreError
from midwatch.server.promql.labels import NAME, Labels, get
from midwatch.server.promql.matchers import Matcher, MatchType
from midwatch.server.query.metrics.catalogue import series_of, too_many
from midwatch.server.query.metrics.chosen import IDS_MAX, Matching, listed
from midwatch.server.query.metrics.grids import Gridded, Steps, gridded_at_once
from midwatch.server.query.metrics.known import SERIES_MAX, KnownSeries
from midwatch.server.query.metrics.scope import Condition, Reader, SeriesScope, condition

_TOO_MUCH, _TOO_SLOW = "too_much", 159
"""The code of a store's answer that is over a bound, and ClickHouse's exception code where the bound is the time."""


class AtOnce:
    """Reads of one project."""

    def __init__(self, reader: Reader, scope: SeriesScope, known: KnownSeries) -> None:
        self._reader, self._scope, self._known = reader, scope, known

    def learn(self, matchers: Sequence[Matcher], labels: dict[int, Labels]) -> None:
        """What a selector found, under the name that it asks for or another one."""
        self._known.learn(labels)
        if labels and get(next(iter(labels.values())), NAME) == _name(matchers):
            self._known.found((self._scope, tuple(matchers)), len(labels))

    async def read(
        self, kind: str, matchers: Sequence[Matcher], steps: Steps, series_max: int, *, stale: bool
    ) -> tuple[Gridded, dict[int, Labels]] | None:
        """Rows and the labels of their series; None where the series have to be looked up first.

        Raises:
            LimitError: there are more than `series_max`.
            StoreError: the store did not answer.
        """
        selector, name = (self._scope, tuple(matchers)), _name(matchers)
        expected = self._known.count_of(selector)
        if name is None or expected is None or expected > min(SERIES_MAX, steps.series_at_once()) // 2:
            return None
        wanted = condition(self._scope, matchers, steps.from_ms, steps.end_ms)
        matching = Matching(wanted, name, whole=wanted.all_of_names and len(matchers) == 1)
        found = await self._gridded(matching, kind, steps, expected, stale=stale)
        if found is None:
            self._known.look_up(selector)
            return None
        if not (ids := found.ids + found.odd):
            return None
        if len(ids) > series_max:
            raise too_many(series_max)
        labels = await self._labels(ids, matching, series_max)
        if labels is None:
            return None
        self._known.found(selector, len(ids))
        return found.only(labels), labels

    async def _gridded(
        self, matching: Matching, kind: str, steps: Steps, expected: int, *, stale: bool
    ) -> Gridded | None:
        try:
            return await gridded_at_once(self._reader, matching, kind, steps, expected, stale=stale)
        except StoreError as error:
            if error.code != _TOO_MUCH or error.exception_code == _TOO_SLOW:
                raise
            return None

    async def _labels(self, ids: list[int], matching: Matching, series_max: int) -> dict[int, Labels] | None:
        labels = self._known.labels_of(ids)
        missing = [one for one in ids if one not in labels]
        if not missing:
            return labels
        if len(missing) > IDS_MAX:
            return None
        of_these = Condition(f"{matching.condition.sql} AND {listed(missing)}", matching.condition.params)
        new = await series_of(self._reader, of_these, series_max)
        self._known.learn(new)
        return labels | new


def _name(matchers: Sequence[Matcher]) -> str | None:
    return next((one.value for one in matchers if one.name == NAME and one.type is MatchType.EQUAL), None)
