"""The events that log lines told of: how many, since when, of which levels and services, with which keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.contract import fields
from midwatch.contract.log_names import DOTTED, NAME_CHARACTERS_MAX
from midwatch.server.model.errors import TOO_MUCH, StoreError
from midwatch.server.verify.asked import Asked

NAMES_MAX = 2000
"""The most frequent ones."""
KEYS_MAX = 300
"""Of one event, with their types."""
_EVENT = fields.names_of(fields.EVENT_NAME)
_NAME = r"^[A-Za-z][\\w-]*(\\.[\\w-]+)*$"
_DOTTED = DOTTED.replace("\\", "\\\\")
_OF_ATTRIBUTES = "multiIf(" + ", ".join(
    f"match(LogAttributes['{name}'], '{_NAME}'), LogAttributes['{name}']" for name in _EVENT
)
_IS_NAME = f"has({{declared:Array(String)}}, Body) OR match(Body, '{_DOTTED}')"
_OF_BODY = f"length(Body) <= {NAME_CHARACTERS_MAX} AND ({_IS_NAME}), Body"
EVENT_SQL = f"if(EventName != '', toString(EventName), {_OF_ATTRIBUTES}, {_OF_BODY}, ''))"
"""What a line calls its event, as `LogContract.name_of` reads it; needs the parameter `declared`."""

TYPES = {1: "string", 2: "boolean", 3: "integer", 4: "number", 5: "list", 6: "map", 7: "string"}
"""Of the store's types, the contract's words."""


@dataclass(frozen=True, slots=True)
class SeenEvent:
    name: str
    count: int
    first_ns: int
    last_ns: int
    levels: Mapping[str, int]
    services: Mapping[str, int]
    keys: Mapping[str, Mapping[str, int]]
    """Key as it was sent → type → lines."""
    lines_with: Mapping[str, int]
    """Canonical name of a key → lines that have it under any of its names."""


async def seen_events(asked: Asked) -> dict[str, SeenEvent]:
    """By name; lines that tell of no event are under the empty name, without their keys."""
    canonical = "transform(k, {aliases:Array(String)}, {canonicals:Array(String)}, k)"
    sql = f"""
        SELECT name, count() AS n, min(ts) AS first, max(ts) AS last, sumMap([level], [1::UInt64]) AS levels,
            sumMap([service], [1::UInt64]) AS services, sumMap(typed, typed_ones) AS typed_keys,
            sumMap(held, arrayMap(k -> 1::UInt64, held)) AS held_keys
        FROM (
            SELECT {EVENT_SQL} AS name, toUnixTimestamp64Nano(Timestamp) AS ts, toString(Level) AS level,
                toString(ServiceName) AS service,
                if(name = '', [], mapKeys(LogAttributes)) AS keys,
                arraySlice(arrayMap((k, t) -> concat(toString(t), ' ', k), keys,
                    arrayResize(if(name = '', [], LogAttributeTypes), length(keys), 1)), 1, {KEYS_MAX}) AS typed,
                arrayMap(k -> 1::UInt64, typed) AS typed_ones,
                arrayDistinct(arrayMap(k -> {canonical}, arraySlice(if(name = '', [],
                    arrayConcat(mapKeys(LogAttributes), mapKeys(ResourceAttributes))), 1, {KEYS_MAX}))) AS held
            FROM logs WHERE {asked.scope.where()}
        ) GROUP BY name ORDER BY n DESC, name LIMIT {NAMES_MAX}"""
    found = {}
    for row in await asked.rows(sql, {**names_params(), "declared": list(asked.contract.events)}):
        keys: dict[str, dict[str, int]] = {}
        for typed, count in _map(row["typed_keys"]).items():
            kind, _, key = typed.partition(" ")
            keys.setdefault(key, {})[TYPES.get(int(kind), "any")] = count
        found[row["name"]] = SeenEvent(
            row["name"],
            row["n"],
            row["first"],
            row["last"],
            _map(row["levels"]),
            _map(row["services"]),
            keys,
            _map(row["held_keys"]),
        )
    return found


async def seen_before(asked: Asked, names: Sequence[str]) -> dict[str, int]:
    """Of these events, when each came last before the range; empty where it cannot be told in reasonable time."""
    if not names or not asked.looks_back:
        return {}
    scope = asked.before
    sql = f"""SELECT {EVENT_SQL} AS name, max(toUnixTimestamp64Nano(Timestamp)) AS last FROM logs
        WHERE {scope.where()} AND name IN {{names:Array(String)}} GROUP BY name"""
    params = {**scope.params, "declared": list(names), "names": list(names)}
    try:
        return {row["name"]: row["last"] for row in await asked.source.rows(sql, params)}
    except StoreError as error:
        if error.code != TOO_MUCH:
            raise
        return {}


def names_params() -> dict[str, Any]:
    """Names that teams have for fields, and the conventions' names."""
    return {"aliases": list(fields.CANONICAL), "canonicals": list(fields.CANONICAL.values())}


def event_query(name: str) -> str:
    """A search for lines that tell of it, in whichever way."""
    return f'(event:"{name}" OR event.name:"{name}" OR body:"{name}")'


def _map(pair: Any) -> dict[str, int]:
    """`sumMap` of two arrays answers with two arrays, in order."""
    names, counts = pair
    return dict(zip(names, counts, strict=True))
