"""What segments of product events feed: events, links between ids, properties of persons."""

from midwatch.server.model.signal import Signal
from midwatch.server.store.id_index import PRODUCT_IDS
from midwatch.server.store.staging import EVENT_DAY, Staging, Target, again, leaks, limits, set_aside

_EVENTS = Target(
    "product_events",
    "SELECT * EXCEPT (SetAside, Writer, Leaks, LinkedId, LinkKind, PersonSet, PersonSetOnce)"
    " FROM {source} WHERE SetAside = ''",
    EVENT_DAY,
    "SELECT DISTINCT toUInt32(toYYYYMMDD(Timestamp)) FROM product_events WHERE Segment = unhex({segment:String})",
)
_LINKS = again(
    "person_links",
    """SELECT Project, LinkedId, DistinctId, LinkKind AS Kind, min(Timestamp) AS FirstAt, now64(3) AS StoredAt
        FROM {source} WHERE SetAside = '' AND LinkedId != '' GROUP BY Project, LinkedId, DistinctId, Kind""",
)
_PROPERTIES = again(
    "person_properties",
    """SELECT Project, DistinctId, pair.1 AS Name, pair.3 AS Once, pair.2 AS Value,
            if(Once, -1, 1) * toUnixTimestamp64Nano(Timestamp) AS Rank
        FROM {source}
        ARRAY JOIN arrayConcat(
            arrayMap((n, v) -> (n, v, false), mapKeys(PersonSet), mapValues(PersonSet)),
            arrayMap((n, v) -> (n, v, true), mapKeys(PersonSetOnce), mapValues(PersonSetOnce))) AS pair
        WHERE SetAside = ''""",
)
PRODUCT_EVENTS = Staging(
    "product_events_in",
    Signal.EVENTS,
    (
        _EVENTS,
        PRODUCT_IDS,
        _LINKS,
        _PROPERTIES,
        limits(Signal.EVENTS),
        leaks(Signal.EVENTS),
        set_aside(
            Signal.EVENTS,
            "toJSONString(map('event', toString(Event), 'distinct_id', DistinctId,"
            " 'properties', toJSONString(Properties)))",
        ),
    ),
)
