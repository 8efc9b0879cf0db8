"""Fields out of rows that stay: which columns hold fields, and the mutations that empty them (docs/adr/0026).

A mutation says which fields, and never a value; the store finishes one that a kill interrupted when it starts again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from midwatch.contract.privacy_rules import KeptShorter
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.erasing import StoreErasing

JSON_DEPTH_MAX = 8
"""Objects and lists within one another that are looked into."""
STRING_TYPE = 1
"""Of an attribute: what is empty is no number."""
MAP_TYPE = 6
_LOOK = {"max_execution_time": 600}


@dataclass(frozen=True, slots=True)
class Fields:
    """A table, and its columns by how they hold fields."""

    table: str
    signal: str
    """As rules name it; empty: of any."""
    maps: tuple[tuple[str, str], ...] = ()
    """Each with the column of its values' types, if there is one."""
    lists: tuple[str, ...] = ()
    """Arrays of maps."""
    json: tuple[tuple[str, str], ...] = ()
    """Each with the condition under which it holds JSON."""
    parted_by: str = "Timestamp"
    """What its parts are a day or a month of; rows go by `Timestamp` in any case."""


_OF_EVENTS = (("Before", "true"), ("After", "true"), ("Metadata", "true"))
TABLES = (
    Fields(
        "spans",
        "traces",
        (("SpanAttributes", "SpanAttributeTypes"), ("ResourceAttributes", "ResourceAttributeTypes")),
        ("`Events.Attributes`", "`Links.Attributes`"),
    ),
    Fields(
        "logs",
        "logs",
        (("LogAttributes", "LogAttributeTypes"), ("ResourceAttributes", "ResourceAttributeTypes")),
        json=(("Body", f"BodyType = {MAP_TYPE}"),),
    ),
    Fields(
        "told_exceptions",
        "logs",
        (("Attributes", ""), ("SpanAttributes", ""), ("ResourceAttributes", "")),
        parted_by="ReceivedAt",
    ),
    Fields("error_events", "logs", (("Tags", ""),), json=(("Payload", "true"),)),
    Fields("product_events", "logs", (("Properties", "PropertyTypes"),)),
    Fields("domain_events", "logs", json=_OF_EVENTS),
    Fields("domain_events_landed", "logs", json=_OF_EVENTS, parted_by="ReceivedAt"),
    Fields("usage", "", (("Attributes", ""),)),
)


@dataclass(frozen=True, slots=True)
class Due:
    """What of a table is emptied at once: the same days and services."""

    fields: Fields
    days: int
    services: tuple[str, ...]
    pattern: str
    """RE2, over paths of keys."""


@dataclass(frozen=True, slots=True)
class Partition:
    id: str
    first: date
    behind: date
    """The day after its last."""
    mark: str
    """Another as soon as rows came in; mutations and merges leave it."""


def due(rules: Sequence[KeptShorter]) -> list[Due]:
    found = []
    for fields in TABLES:
        patterns: dict[tuple[int, tuple[str, ...]], list[str]] = {}
        for one in rules:
            if not (one.rule.signals and fields.signal) or fields.signal in one.rule.signals:
                patterns.setdefault((one.days, one.rule.services), []).append(one.rule.pattern())
        found += [
            Due(fields, days, services, "|".join(f"(?:{pattern})" for pattern in some))
            for (days, services), some in patterns.items()
        ]
    return found


class FieldRetention:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._erasing = StoreErasing(store)

    async def partitions(self, fields: Fields) -> list[Partition]:
        """Oldest first."""
        sql = f"""SELECT id, arrayStringConcat(arraySort(groupArray(concat(host, ' ', toString(top)))), ' ') AS mark
        FROM (SELECT partition_id AS id, hostName() AS host, max(max_block_number) AS top
            FROM {self._store.layout.parts}
            WHERE database = {{database:String}} AND table = {{table:String}} AND active GROUP BY id, host)
        GROUP BY id ORDER BY id"""
        params = {"database": self._store.database, "table": self._store.layout.stored(fields.table)}
        rows = await self._store.rows(sql, params, query_class=QueryClass.INGEST)
        return [Partition(str(row["id"]), *_days_of(str(row["id"])), str(row["mark"])) for row in rows]

    async def empty(self, due: Due, partition: Partition, until: date) -> int:
        """Empty the fields in rows from before `until`; how many rows had some. On return no part in use has them.

        Raises:
            StoreError: the store does not do it; what it has begun it finishes by itself.
        """
        fields = due.fields
        pattern = _quoted(due.pattern)
        changes = [f"{column} = {emptied}" for column, emptied in _emptied(fields, pattern).items()]
        held = " OR ".join(_holds(fields, pattern))
        day = f"toDateTime64({_quoted(until.isoformat())}, 9, 'UTC')"
        where = f"Timestamp < {day} AND ({held})"
        if due.services:
            where += f" AND ServiceName IN ({', '.join(map(_quoted, due.services))})"
        count = f"SELECT count() AS n FROM {fields.table} WHERE {_within(fields, partition)} AND {where}"
        rows = await self._store.rows(count, query_class=QueryClass.INGEST, settings=_LOOK)
        if not (n := int(rows[0]["n"])):
            return 0
        if fields.table == "domain_events":
            # Before the content goes: a kill between the two leaves a link that says more than happened.
            places = f"SELECT Project, Position FROM domain_events WHERE {_within(fields, partition)} AND {where}"
            await self._erasing.change(
                "event_chain", f"UPDATE Shortened = true WHERE (Project, Position) IN ({places})"
            )
        inside = f"IN PARTITION ID {_quoted(partition.id)}"
        await self._erasing.change(fields.table, f"UPDATE {', '.join(changes)} {inside} WHERE {where}")
        return n

    async def forget(self, tables: Sequence[str]) -> None:
        """Return when the parts are off the disk that still have what was emptied. Raises StoreError."""
        await self._erasing.forget_parts(tables)


def _days_of(partition: str) -> tuple[date, date]:
    """The first, and the one behind the last: `toYYYYMMDD` or `toYYYYMM`."""
    first = date(int(partition[:4]), int(partition[4:6]), int(partition[6:8] or 1))
    return first, first + timedelta(days=1) if partition[6:8] else (first + timedelta(days=32)).replace(day=1)


def _within(fields: Fields, partition: Partition) -> str:
    """A range of time that the store prunes partitions by."""
    start, end = (f"toDateTime64({_quoted(day.isoformat())}, 9, 'UTC')" for day in (partition.first, partition.behind))
    return f"{fields.parted_by} >= {start} AND {fields.parted_by} < {end}"


def _emptied(fields: Fields, pattern: str) -> Mapping[str, str]:
    """What the columns become."""
    found: dict[str, str] = {}
    in_map = f"mapApply((k, v) -> (k, if(match(k, {pattern}), '', v)), {{}})"
    for column, types in fields.maps:
        found[column] = in_map.format(column)
        if types:
            found[types] = f"arrayMap((k, t) -> if(match(k, {pattern}), {STRING_TYPE}, t), mapKeys({column}), {types})"
    for column in fields.lists:
        found[column] = f"arrayMap(m -> {in_map.format('m')}, {column})"
    for column, condition in fields.json:
        found[column] = f"if({condition}, {_emptied_json(column, pattern)}, {column})"
    return found


def _holds(fields: Fields, pattern: str) -> list[str]:
    """Conditions under which there is something to be emptied."""
    in_map = f"mapExists((k, v) -> v != '' AND match(k, {pattern}), {{}})"
    found = [in_map.format(column) for column, _ in fields.maps]
    found += [f"arrayExists(m -> {in_map.format('m')}, {column})" for column in fields.lists]
    found += [f"({condition} AND {_json_holds(column, pattern)})" for column, condition in fields.json]
    return found


def _emptied_json(column: str, pattern: str) -> str:
    """JSON with an empty text under these paths."""

    def at(depth: int, value: str, path: str) -> str:
        item, is_object = f"p{depth}", _is_object(value)
        inner, here = f"{item}.2", _path(path, item, value)
        if depth < JSON_DEPTH_MAX:
            inner = f"if({_is_nested(inner)}, {at(depth + 1, inner, here)}, {inner})"
        changed = f"if({is_object} AND match({here}, {pattern}), '\"\"', {inner})"
        named = f"concat(if({is_object}, concat(toJSONString({item}.1), ':'), ''), {changed})"
        items = f"arrayStringConcat(arrayMap({item} -> {named}, {_items(value)}), ',')"
        return f"concat(if({is_object}, '{{', '['), {items}, if({is_object}, '}}', ']'))"

    return f"if({_is_nested(column)} AND isValidJSON({column}), {at(1, column, _NO_PATH)}, {column})"


def _json_holds(column: str, pattern: str) -> str:
    """Whether there is something else than an empty text under one of these paths."""

    def at(depth: int, value: str, path: str) -> str:
        item = f"p{depth}"
        here = _path(path, item, value)
        held = f"({_is_object(value)} AND {item}.2 != '\"\"' AND match({here}, {pattern}))"
        if depth < JSON_DEPTH_MAX:
            held = f"({held} OR ({_is_nested(f'{item}.2')} AND {at(depth + 1, f'{item}.2', here)}))"
        return f"arrayExists({item} -> {held}, {_items(value)})"

    return f"({_is_nested(column)} AND isValidJSON({column}) AND {at(1, column, _NO_PATH)})"


_NO_PATH = "''"


def _items(value: str) -> str:
    """Keys and values of an object; of a list its values, under no key."""
    of_list = f"arrayMap(v -> ('', v), JSONExtractArrayRaw({value}))"
    return f"if({_is_object(value)}, JSONExtractKeysAndValuesRaw({value}), {of_list})"


def _path(path: str, item: str, value: str) -> str:
    """Positions in lists are no part of it, as in `privacy_rules`; it begins with a dot, which patterns allow."""
    return f"concat({path}, if({_is_object(value)}, concat('.', {item}.1), ''))"


def _is_object(value: str) -> str:
    return f"startsWith({value}, '{{')"


def _is_nested(value: str) -> str:
    return f"({_is_object(value)} OR startsWith({value}, '['))"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
