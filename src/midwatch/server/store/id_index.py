"""Which ids spans, log records, errors and product events have: where the parts of a story lie.

A bloom filter tells for each granule whether an id may be in it, so a look-up reads the filters of all that is stored;
this index is sorted by id. See docs/adr/0023-the-story.md for what both cost.
"""

from collections.abc import Sequence

from midwatch.contract import events
from midwatch.contract.privacy import REMOVED
from midwatch.server.model.story_id import ENTITY_SUFFIX, ID_BYTES_MAX, NAMES, NO_ENTITY, OF_OTHERS, IdKind
from midwatch.server.store.staging import EVENT_DAY, Target, roll_up

TABLE = "id_index"
_IS_ID = f"v != '' AND length(v) <= {ID_BYTES_MAX} AND position(v, '{REMOVED}') = 0"
_NAMED = f"k IN {tuple(NAMES)}"
_OF_ENTITY = f"""endsWith(k, '{ENTITY_SUFFIX}') AND k NOT IN {NO_ENTITY}
    AND {" AND ".join(f"position(k, '{one}') = 0" for one in OF_OTHERS)}"""
_KIND = f"transform(k, {list(NAMES)}, {[kind.value for kind in NAMES.values()]}, '{IdKind.ENTITY}')"


def pairs(attributes: str) -> str:
    """Kind and value of each id in a map: an array of tuples; the same as `ids_of` finds."""
    # First what can be an id, in one pass, then what is made of it: the other way round took more than twice as long,
    # and asking the map for each of thirty names six times.
    few = f"mapFilter((k, v) -> ({_NAMED} OR ({_OF_ENTITY}) OR k = '{events.ENTITY_ID}') AND {_IS_ID}, {attributes})"
    value = f"""multiIf({_NAMED}, v, k = '{events.ENTITY_ID}', concat({attributes}['{events.ENTITY_TYPE}'], ':', v),
        concat(substring(k, 1, length(k) - {len(ENTITY_SUFFIX)}), ':', v))"""
    return f"arrayMap((k, v) -> ({_KIND}, {value}), mapKeys({few}), mapValues({few}))"


def id_index(attributes: str, columns: Sequence[tuple[IdKind, str]] = (), *, kept: str = "SetAside = ''") -> Target:
    """`columns` hold ids, too."""
    whole = pairs(attributes)
    if columns:
        more = ", ".join(f"('{kind}', {column})" for kind, column in columns)
        whole = f"arrayConcat({whole}, arrayFilter(p -> p.2 != '' AND p.2 != '{REMOVED}', [{more}]))"
    return roll_up(
        TABLE,
        f"""SELECT Project, pair.1 AS Kind, pair.2 AS Id, TraceId, min(Timestamp) AS Start, max(Timestamp) AS End,
            toUInt32(toYYYYMMDD(Timestamp)) AS Day, any(Writer) AS Writer, max(Segment) AS LastSegment
        FROM {{source}} ARRAY JOIN {whole} AS pair
        WHERE {kept} GROUP BY Project, Kind, Id, TraceId, Day""",
        source_day=EVENT_DAY,
        table_day="Day",
    )


USER_ID = "substring(UserKey, position(UserKey, ':') + 1)"
"""Of an error: its key says by what a user is told apart, as `id:7` or `email:…`."""

SPAN_IDS = id_index("SpanAttributes")
LOG_IDS = id_index("LogAttributes")
ERROR_IDS = id_index(
    "Tags",
    ((IdKind.USER, USER_ID), (IdKind.SESSION, "SessionId")),
    kept="SetAside = '' AND Dropped = ''",
)
PRODUCT_IDS = id_index("Properties", ((IdKind.USER, "DistinctId"), (IdKind.SESSION, "SessionId")))

ENTITY_OF_EVENT = "if(EntityId = '', '', concat(toString(EntityType), ':', EntityId))"
EVENT_IDS = id_index(
    "CAST(map() AS Map(String, String))",
    ((IdKind.ENTITY, ENTITY_OF_EVENT), (IdKind.CORRELATION, "CorrelationId")),
)
"""Of domain events that are no log records."""
