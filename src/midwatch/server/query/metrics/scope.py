"""What every question about series is limited to, and its matchers as a condition over `metric_series`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from midwatch.server.promql.labels import NAME
from midwatch.server.promql.matchers import Matcher, MatchType
from midwatch.server.promql.syntax.text import clean

TIME_MS_MIN, TIME_MS_MAX = -2_208_988_800_000, 9_223_372_036_000
"""1900 to 2262: what the tables hold."""
_SHARED = frozenset({"project", "from_day", "to_day"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Reader(Protocol):
    """The store, as this room asks it."""

    async def rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]: ...

    async def binary(
        self, sql: str, params: dict[str, Any], *, bytes_max: int, settings: Mapping[str, Any] | None = None
    ) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SeriesScope:
    """One project, and some environments (none: all)."""

    project: int = 1
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over `metric_series` with bound parameters."""

    sql: str
    params: dict[str, Any] = field(default_factory=dict)
    all_of_names: bool = False
    """Whether nothing but names is asked: then every series of a metric is meant."""


def held(time_ms: int) -> int:
    """The time, or the nearest one that a table can hold."""
    return min(max(time_ms, TIME_MS_MIN), TIME_MS_MAX)


def day_of(time_ms: int) -> int:
    """As `toYYYYMMDD` has it."""
    moment = _EPOCH + timedelta(milliseconds=held(time_ms))
    return moment.year * 10_000 + moment.month * 100 + moment.day


def condition(scope: SeriesScope, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Condition:
    """Series of the scope that match and were seen on a day of the range, both ends included."""
    params: dict[str, Any] = {"project": scope.project, "from_day": day_of(start_ms), "to_day": day_of(end_ms)}
    parts = ["Project = {project:UInt32}", "Day BETWEEN {from_day:UInt32} AND {to_day:UInt32}"]
    parts.extend(matched(one, _column(one.name, params), params) for one in matchers)
    if scope.environments:
        parts.append(f"Labels['env'] IN ({', '.join(bound(name, params) for name in scope.environments)})")
    names_only = all(one.name == NAME for one in matchers) and not scope.environments
    return Condition(" AND ".join(parts), params, names_only)


def union(conditions: Sequence[Condition]) -> Condition:
    """Whatever fits one of them, as several `match[]` mean it; of the same scope and range."""
    params: dict[str, Any] = {}
    parts = []
    for place, one in enumerate(conditions):
        sql = one.sql
        for name, value in one.params.items():
            if name in _SHARED:
                params[name] = value
                continue
            sql = sql.replace(f"{{{name}:", f"{{s{place}_{name}:")
            params[f"s{place}_{name}"] = value
        parts.append(f"({sql})")
    return Condition(f"({' OR '.join(parts)})", params)


def bound(value: str, params: dict[str, Any]) -> str:
    """How a text that is added to `params` is written in SQL."""
    name = f"m{len(params)}"
    params[name] = clean(value)  # Bytes that are no UTF-8 are in no label.
    return f"{{{name}:String}}"


def _column(label: str, params: dict[str, Any]) -> str:
    """A label that is not there is the empty text, and so it is in a Map."""
    return "MetricName" if label == NAME else f"Labels[{bound(label, params)}]"


def matched(one: Matcher, column: str, params: dict[str, Any]) -> str:
    """The matcher over an expression that is the label; what it needs is added to `params`."""
    match one.type:
        case MatchType.EQUAL:
            return f"{column} = {bound(one.value, params)}"
        case MatchType.NOT_EQUAL:
            return f"{column} != {bound(one.value, params)}"
        case MatchType.REGEX:
            return f"match({column}, {bound(_whole(one.value), params)})"
        case MatchType.NOT_REGEX:
            return f"NOT match({column}, {bound(_whole(one.value), params)})"


def _whole(pattern: str) -> str:
    """Over the whole value, the dot being any character: as Prometheus reads patterns, in the words of the same RE2."""
    return f"^(?s:{pattern})$"
