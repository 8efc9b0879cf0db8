"""How many series a metric and a key may have a day, and which have reached it.

What is stored is counted, and what is over is refused from the next segment on: the segment that goes over is kept
whole. A series that was seen on its day or the day before goes on, however many there are; so does what nobody counts,
rows without samples. By which limits a segment is judged is noted before its INSERT, where any is reached: after a
crash it is judged by the same, and what was told of it is told once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import StoreError
from midwatch.server.store.client import QueryClass, Store

log = structlog.get_logger(__name__)

OF_METRIC, OF_KEY = "too_many_series", "too_many_series_of_key"
"""Reasons; both begin as the first."""
LOOK_SECONDS = 10.0
LOOK_BYTES = 1 << 20
"""So many bytes of segments, some ten thousand new series, and they are counted before ten seconds are over."""
OVER_MAX = 200
"""Metrics and keys with their days that one INSERT is told of, the largest first."""
DAYS_MAX, FIRST_DAYS = 400, 3
"""The newest of the days that were stored to since the last look; after a start, of all."""
_SEEN_LATE_SECONDS = 5
"""A part may be named before it can be seen."""

_TOUCHED = """SELECT arraySlice(arrayReverseSort(groupUniqArray(toUInt32(partition))), 1, {days:UInt32}) AS days,
    toInt64(toUnixTimestamp(now())) AS now FROM PARTS WHERE database = {database:String} AND table = {table:String}
    AND active AND toInt64(toUnixTimestamp(modification_time)) >= {since:Int64}"""
METRIC_HASH = "sipHash64('metric', Project, toString(MetricName))"
KEY_HASH = "sipHash64('key', toString(KeyId))"


def _counted(owner: str, text: str, limit: str) -> str:
    """Owners over their limit, by day. Rows are counted first: there are never fewer than series, and it costs less."""
    return f"""SELECT toString({owner}) AS owner, Day AS day, any({text}) AS name,
            toUInt64(uniqExact(SeriesId)) AS series, toString(sipHash64({owner}, Day)) AS over
        FROM metric_series WHERE Day IN {{days:Array(UInt32)}} AND ({owner}, Day) GLOBAL IN (
            SELECT {owner} AS o, Day AS d FROM metric_series WHERE Day IN {{days:Array(UInt32)}}
            GROUP BY o, d HAVING count() >= {{{limit}:UInt64}})
        GROUP BY {owner}, Day HAVING series >= {{{limit}:UInt64}}"""


_METRICS = _counted(METRIC_HASH, "toString(MetricName)", "metric_max")
_KEYS = _counted(KEY_HASH, "KeyId", "key_max")
_NOTE = """INSERT INTO series_judgements (Segment, `Over`, Owners, Days, AnyKey, JudgedAt)
SELECT unhex({segment:String}), {over:Array(UInt64)}, {owners:Array(UInt64)}, {days:Array(UInt32)}, {any_key:Bool},
    now64(3)"""
_NOTED = """SELECT `Over` AS over, Owners AS owners, Days AS days, AnyKey AS any_key FROM series_judgements
WHERE Segment = unhex({segment:String}) LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Limits that are reached. The numbers are hashes, made by the store alone."""

    over: tuple[int, ...] = ()
    """Owners (metrics, keys) with a day."""
    owners: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    """On which a series has to have been seen to go on."""
    any_key: bool = False

    def params(self) -> dict[str, Any]:
        return {
            "over": list(self.over),
            "owners": list(self.owners),
            "days": list(self.days),
            "any_key": self.any_key,
        }


NO_LIMIT_REACHED = Judgement()


@dataclass(frozen=True, slots=True)
class SeriesMax:
    """Series a day; 0: any number."""

    per_metric: int = 0
    per_key: int = 0


@dataclass(frozen=True, slots=True)
class _Over:
    owner: int
    over: int
    day: int
    name: str
    series: int
    is_key: bool


@dataclass(slots=True)
class _Looked:
    at: float = float("-inf")
    now: int = 0
    """The store's clock then, in seconds."""
    bytes: int = 0
    found: dict[int, list[_Over]] = field(default_factory=dict)
    """By day."""


class SeriesLimits:
    """Counts in the store; days on which nothing was stored since the last look are not counted again."""

    def __init__(self, store: Store, clock: Clock, limits: Callable[[], SeriesMax]) -> None:
        self._store, self._clock, self._limits = store, clock, limits
        self._looked = _Looked()
        self._told: set[int] = set()

    async def judge(self, segment_id: str, size_bytes: int) -> Judgement:
        """What a segment that was never tried is judged by, noted in the store where any limit is reached.

        Raises:
            StoreError: it is not known whether it was noted.
        """
        found = await self._reached(size_bytes)
        if found.over:
            await self._store.execute(_NOTE, {"segment": segment_id, **found.params()})
        return found

    async def noted(self, segment_id: str) -> Judgement:
        """What a segment was judged by that may have been tried.

        Raises:
            StoreError: the store did not answer.
        """
        rows = await self._store.rows(_NOTED, {"segment": segment_id}, query_class=QueryClass.INGEST)
        if not rows:
            return NO_LIMIT_REACHED
        row = rows[0]
        return Judgement(tuple(row["over"]), tuple(row["owners"]), tuple(row["days"]), bool(row["any_key"]))

    async def _reached(self, size_bytes: int) -> Judgement:
        limits, looked = self._limits(), self._looked
        if not limits.per_metric and not limits.per_key:
            return NO_LIMIT_REACHED
        looked.bytes += size_bytes
        now = self._clock.monotonic()
        if now - looked.at >= LOOK_SECONDS or looked.bytes >= LOOK_BYTES:
            looked.at, looked.bytes = now, 0
            try:
                await self._look(limits)
            except StoreError as error:  # What was known goes on; the INSERT will tell of the store.
                log.debug("series.not_counted", error=error.message)
        return self._judgement()

    async def _look(self, limits: SeriesMax) -> None:
        looked, store = self._looked, self._store
        touched = await store.rows(
            _TOUCHED.replace("PARTS", store.layout.parts),
            {
                "days": DAYS_MAX if looked.now else FIRST_DAYS,
                "database": store.database,
                "table": store.layout.stored("metric_series"),
                "since": looked.now - _SEEN_LATE_SECONDS,
            },
            query_class=QueryClass.INGEST,
        )
        looked.now, days = int(touched[0]["now"]), list(touched[0]["days"])
        found: list[_Over] = []
        for sql, most, is_key in ((_METRICS, limits.per_metric, False), (_KEYS, limits.per_key, True)):
            if most and days:
                params = {"days": days, "metric_max": most, "key_max": most}
                rows = await store.rows(sql, params, query_class=QueryClass.INGEST)
                found += [
                    _Over(int(row["owner"]), int(row["over"]), row["day"], row["name"], int(row["series"]), is_key)
                    for row in rows
                ]
        for day in days:
            looked.found.pop(day, None)
        for one in found:
            looked.found.setdefault(one.day, []).append(one)
        for day in sorted(looked.found)[:-DAYS_MAX]:
            del looked.found[day]
        self._tell(found)

    def _tell(self, found: list[_Over]) -> None:
        for one in found:
            if one.over not in self._told:
                kind = "key" if one.is_key else "metric"
                log.warning("series.limit_reached", **{kind: one.name}, day=one.day, series=one.series)
        self._told = {one.over for some in self._looked.found.values() for one in some}

    def _judgement(self) -> Judgement:
        found = [one for some in self._looked.found.values() for one in some]
        if not found:
            return NO_LIMIT_REACHED
        found.sort(key=lambda one: (not one.is_key, -one.series))
        found = found[:OVER_MAX]
        days = {one.day for one in found}
        return Judgement(
            tuple(one.over for one in found),
            tuple({one.owner for one in found}),
            tuple(sorted(days | {_day_before(day) for day in days})),
            any(one.is_key for one in found),
        )


def _day_before(day: int) -> int:
    found = date(day // 10_000, day // 100 % 100, day % 100) - timedelta(days=1)
    return found.year * 10_000 + found.month * 100 + found.day


_DAY = "toYYYYMMDD(arrayMax(arrayConcat(Times, tupleElement(Histograms, 'Timestamp'))))"
_KNOWN = f"""SELECT SeriesId FROM metric_series WHERE Day IN {{days:Array(UInt32)}}
    AND ({{any_key:Bool}} OR has({{owners:Array(UInt64)}}, {METRIC_HASH}))"""


def judged(select: str, *, part: str | None = None) -> str:
    """Rows of `series_in` with what is over its limit set aside: parameters of `Judgement`, and `{told:Bool}`.

    A series with samples of several days goes by that of its newest. `part`: they reach `series_in` by an INSERT of
    their own, and what they tell is told under a writer of that name; where it was `told` already, they are left out.
    """
    writer = "" if part is None else f", concat(toString(Writer), '.series{part}') AS Writer"
    over = "has({{over:Array(UInt64)}}, sipHash64({hash}, day))"
    return f"""
SELECT * FROM (
    SELECT * EXCEPT (day) REPLACE (multiIf(SetAside != '' OR day = 0, toString(SetAside),
        NOT ({over.format(hash=METRIC_HASH)} OR {over.format(hash=KEY_HASH)}), '', SeriesId GLOBAL IN ({_KNOWN}), '',
        {over.format(hash=METRIC_HASH)}, '{OF_METRIC}', '{OF_KEY}') AS SetAside{writer})
    FROM (SELECT *, if(empty(Times) AND empty(Histograms), toUInt32(0), {_DAY}) AS day FROM ({select}))
) WHERE NOT ({{told:Bool}} AND startsWith(SetAside, '{OF_METRIC}'))"""


def told_of(part: str) -> tuple[str, str]:
    """Whether a segment's refusals by this part were told: a SELECT with `{segment:String}`, and the writer's end."""
    return (
        f"""SELECT count() AS n FROM limits_hit WHERE LastSegment = unhex({{segment:String}})
        AND startsWith(Reason, '{OF_METRIC}') AND endsWith(Writer, {{part:String}})""",
        f".series{part}",
    )
