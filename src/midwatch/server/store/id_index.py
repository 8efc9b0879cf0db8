"""Which ids spans, log records, errors and product events have: where the parts of a story lie.

A bloom filter tells for each granule whether an id may be in it, so a look-up reads the filters of all that is stored;
this index is sorted by id. See docs/adr/0023-the-story.md for what both cost.
"""

from collections.abc import Sequence

from midwatch.contract import events
from midwatch.contract.privacy import REMOVED
from midwatch.server.model.story_id import ENTITY_SUFFIX, ID_CHARACTERS_MAX, NAMES, NO_ENTITY, OF_OTHERS, IdKind
from midwatch.server.store.staging import EVENT_DAY, Target, roll_up

TABLE = "id_index"
_KINDS = f"transform(k, {list(NAMES)}, {[kind.value for kind in NAMES.values()]}, '')"
_IS_ID = f"v != '' AND lengthUTF8(v) <= {ID_CHARACTERS_MAX} AND position(v, '{REMOVED}') = 0"


def pairs(attributes: str) -> str:
    """Kind and value of each id in a map: an array of tuples; the same as `ids_of` finds."""
    # One pass over the keys: asking the map for each of thirty names took six times as long.
    of_entity = f"endsWith(k, '{ENTITY_SUFFIX}') AND NOT match(k, '{OF_OTHERS}') AND k NOT IN {NO_ENTITY}"
    kind = f"multiIf(k IN {tuple(NAMES)}, {_KINDS}, {of_entity}, '{IdKind.ENTITY}', '')"
    value = f"if(k IN {tuple(NAMES)}, v, concat(substring(k, 1, length(k) - {len(ENTITY_SUFFIX)}), ':', v))"
    found = f"""arrayFilter(p -> p.1 != '', arrayMap((k, v) -> (if({_IS_ID}, {kind}, ''), {value}),
        mapKeys({attributes}), mapValues({attributes})))"""
    entity = f"arrayFilter(v -> {_IS_ID}, [{attributes}['{events.ENTITY_ID}']])"
    entity_type = f"{attributes}['{events.ENTITY_TYPE}']"
    return f"""arrayConcat({found},
        arrayMap(v -> ('{IdKind.ENTITY}', concat({entity_type}, ':', v)), {entity}))"""


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


SPAN_IDS = id_index("SpanAttributes")
LOG_IDS = id_index("LogAttributes")
ERROR_IDS = id_index(
    "Tags",
    ((IdKind.USER, "UserKey"), (IdKind.SESSION, "SessionId")),
    kept="SetAside = '' AND Dropped = ''",
)
PRODUCT_IDS = id_index("Properties", ((IdKind.USER, "DistinctId"), (IdKind.SESSION, "SessionId")))
