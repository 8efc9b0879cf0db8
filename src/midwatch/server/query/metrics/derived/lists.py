"""Lists about derived series, in the shape of those about stored ones."""

from collections.abc import Iterable, Sequence

from midwatch.server.promql.labels import BUCKET, NAME, Labels, make
from midwatch.server.promql.matchers import Matcher, select
from midwatch.server.query.metrics.catalogue import lines
from midwatch.server.query.metrics.derived.catalogue import DerivedCatalogue, Wanted
from midwatch.server.query.metrics.derived.metric import Part
from midwatch.server.query.metrics.derived.sent import not_sent
from midwatch.server.query.metrics.derived.statement import listing, one_label
from midwatch.server.query.metrics.scope import Reader, SeriesScope

_BYTES_MAX = 64 << 20
Matchers = Sequence[Matcher]


class DerivedLists:
    """`selectors` are what `match[]` says: series that fit any of them; none: all."""

    def __init__(self, reader: Reader, catalogue: DerivedCatalogue) -> None:
        self._reader, self._catalogue = reader, catalogue

    async def series(
        self, scope: SeriesScope, selectors: Sequence[Matchers], start_ms: int, end_ms: int
    ) -> set[Labels]:
        found: set[Labels] = set()
        for wanted, matchers in await self._wanted(scope, selectors, start_ms, end_ms):
            sql, params = listing(wanted, matchers, scope, start_ms, end_ms, limit=wanted.metric.series_max)
            for row in lines(await self._reader.binary(sql, params, bytes_max=_BYTES_MAX)):
                labels = {label: str(row[f"l{place}"]) for place, (label, _) in enumerate(wanted.metric.labels)}
                # The name fits already, and may have been asked for with dots.
                told = tuple(one for one in matchers if one.name != NAME)
                found.update(one for one in _with_buckets(wanted, labels) if select(one, told))
        return found

    async def names(self, scope: SeriesScope, selectors: Sequence[Matchers], start_ms: int, end_ms: int) -> set[str]:
        """Label names of the metrics of which anything is there."""
        found: set[str] = set()
        for wanted, matchers in await self._wanted(scope, selectors, start_ms, end_ms):
            if found.issuperset(labels := _labels(wanted)):
                continue
            if await self._column(wanted, NAME, matchers, scope, start_ms, end_ms, 1):
                found |= labels
        return found

    async def values(
        self, scope: SeriesScope, label: str, selectors: Sequence[Matchers], start_ms: int, end_ms: int, limit: int
    ) -> set[str]:
        found: set[str] = set()
        there: dict[tuple[str, Matchers], bool] = {}
        for wanted, matchers in await self._wanted(scope, selectors, start_ms, end_ms):
            if label not in _labels(wanted):
                continue
            if label == NAME:
                # Of a histogram's parts all are there, or none.
                key = (wanted.metric.name, tuple(matchers))
                if key not in there:
                    there[key] = bool(await self._column(wanted, NAME, matchers, scope, start_ms, end_ms, 1))
                found.update([wanted.name] if there[key] else [])
            elif label != BUCKET:
                found.update(await self._column(wanted, label, matchers, scope, start_ms, end_ms, limit))
            elif await self._column(wanted, NAME, matchers, scope, start_ms, end_ms, 1):
                les = [one for one in matchers if one.name == BUCKET]
                found.update(le for le in wanted.metric.les if all(one.matches(le) for one in les))
        return found

    def metadata(self, metric: str) -> dict[str, dict[str, str]]:
        """Type, help and unit by metric; `metric` empty: all."""
        return {
            one.name: {"type": one.type, "help": one.help, "unit": ""}
            for one in self._catalogue.metrics
            if metric in ("", one.name)
        }

    async def _wanted(
        self, scope: SeriesScope, selectors: Sequence[Matchers], start_ms: int, end_ms: int
    ) -> list[tuple[Wanted, Matchers]]:
        pairs = [(one, matchers) for matchers in selectors or ((),) for one in self._catalogue.named(matchers)]
        own = await not_sent(self._reader, scope, [one for one, _ in pairs], start_ms, end_ms)
        names = {one.name for one in own}
        return [(one, matchers) for one, matchers in pairs if one.name in names]

    async def _column(
        self, wanted: Wanted, label: str, matchers: Matchers, scope: SeriesScope, start_ms: int, end_ms: int, limit: int
    ) -> list[str]:
        sql, params = one_label(wanted, label, matchers, scope, start_ms, end_ms, limit)
        return [row["v"] for row in lines(await self._reader.binary(sql, params, bytes_max=_BYTES_MAX))]


def _labels(wanted: Wanted) -> set[str]:
    names = {NAME, *(label for label, _ in wanted.metric.labels)}
    return names | {BUCKET} if wanted.part is Part.BUCKET else names


def _with_buckets(wanted: Wanted, labels: dict[str, str]) -> Iterable[Labels]:
    named = {**labels, NAME: wanted.name}
    if wanted.part is not Part.BUCKET:
        return [make(named)]
    return [make({**named, BUCKET: le}) for le in wanted.metric.les]
