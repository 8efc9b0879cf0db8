"""What segments of domain events feed, and what of log records is a domain event."""

from midwatch.contract import events as names
from midwatch.contract import failures, fields
from midwatch.contract.privacy import REMOVED
from midwatch.server.model.signal import Signal
from midwatch.server.store.id_index import EVENT_IDS
from midwatch.server.store.staging import RECEIVED_DAY, Staging, Target, leaks, limits, set_aside

ID_BYTES_MAX = 200
ERASED = "[erased]"
"""Stands for the id of an event in its link of the chain once the event went with a person (`erasing.py`)."""
COLUMNS = (
    *("Project", "Timestamp", "EventId", "Type", "EntityType", "EntityId", "Sequence", "ActorType", "ActorId"),
    *("CorrelationId", "TraceId", "SpanId", "ServiceName", "Environment", "StateFrom", "StateTo", "Before", "After"),
    *("Metadata", "KeyId", "ReceivedAt"),
)
"""Of an event, wherever it lies."""
_OBJECTS = ("Before", "After", "Metadata")


def _whole(column: str) -> str:
    """What was private in an object may have left no object: then nothing of it is known."""
    return f"if({column} = '' OR isValidJSON({column}), {column}, '{{{{\"unread\":\"{REMOVED}\"}}}}') AS {column}"


_LANDED = ", ".join(
    [*(_whole(one) if one in _OBJECTS else one for one in COLUMNS), "Segment", "SegmentRow", "now64(3) AS LandedAt"]
)
_OWN = (
    *(names.EVENT_ID, names.ENTITY_TYPE, names.ENTITY_ID, names.ENTITY_SEQUENCE, names.ACTOR_TYPE, names.ACTOR_ID),
    *(names.STATE_FROM, names.STATE_TO, names.BEFORE, names.AFTER, *fields.names_of(fields.CORRELATION_ID)),
)
"""Attributes that are columns."""
_OF_ERRORS = ("exception.stacktrace", failures.FRAMES, failures.CAUSES, failures.BREADCRUMBS)
"""What the line of an error has, and its issue shows: no metadata of an event that is told by the same line."""


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


def _of(attribute: str, size: int = ID_BYTES_MAX) -> str:
    return f"toValidUTF8(left(LogAttributes['{attribute}'], {size}))"


def _object(attribute: str) -> str:
    """An attribute that is an object, as JSON; anything else is none."""
    return f"if(JSONType(LogAttributes['{attribute}']) = 'Object', LogAttributes['{attribute}'], '')"


_CORRELATION = f"""left(arrayFirst(t -> t != '',
    arrayMap(n -> LogAttributes[n], {_list(fields.names_of(fields.CORRELATION_ID))})), {ID_BYTES_MAX})"""
# Numbers, flags, arrays and objects (2 to 6) are JSON as they stand, where nothing was cut; nested ones come as text.
_METADATA = f"""concat('{{{{', arrayStringConcat(arrayMap(
    n -> concat(toJSONString(toString(mapKeys(LogAttributes)[n])), ':',
        if((LogAttributeTypes[n] BETWEEN 2 AND 6 OR left(mapValues(LogAttributes)[n], 1) IN ('{{{{', '['))
                AND isValidJSON(mapValues(LogAttributes)[n]),
            mapValues(LogAttributes)[n], toJSONString(mapValues(LogAttributes)[n]))),
    arrayFilter(n -> NOT has({_list((*_OWN, *_OF_ERRORS))}, mapKeys(LogAttributes)[n]),
        arrayEnumerate(mapKeys(LogAttributes)))), ','), '}}}}')"""

_PRESENT = """SELECT DISTINCT toUInt32(toYYYYMMDD(ReceivedAt)) FROM domain_events_landed
    WHERE Segment = unhex({segment:String})"""
OF_LOGS = Target(
    "domain_events_landed",
    f"""SELECT Project, Timestamp, {_of(names.EVENT_ID)} AS EventId,
            if(EventName != '', toString(EventName), left(Body, {ID_BYTES_MAX})) AS Type,
            {_of(names.ENTITY_TYPE)} AS EntityType, {_of(names.ENTITY_ID)} AS EntityId,
            ifNull(toInt64OrNull(LogAttributes['{names.ENTITY_SEQUENCE}']), -1) AS Sequence,
            {_of(names.ACTOR_TYPE)} AS ActorType, {_of(names.ACTOR_ID)} AS ActorId,
            {_CORRELATION} AS CorrelationId, TraceId, SpanId, ServiceName, Environment,
            {_of(names.STATE_FROM)} AS StateFrom, {_of(names.STATE_TO)} AS StateTo,
            {_object(names.BEFORE)} AS Before, {_object(names.AFTER)} AS After, {_METADATA} AS Metadata,
            KeyId, ReceivedAt, Segment, SegmentRow, now64(3) AS LandedAt
        FROM {{source}}
        WHERE LogAttributes['{names.EVENT_ID}'] != '' AND EventName NOT IN {(*names.SIGNS, failures.EVENT)}
            AND SetAside != 'too_far_ahead'""",
    RECEIVED_DAY,
    _PRESENT,
    part="logs",
)
"""Events are kept longer than logs: what is too old for those is not too old here."""
DOMAIN_EVENTS = Staging(
    "domain_events_in",
    Signal.DOMAIN_EVENTS,
    (
        Target(
            "domain_events_landed",
            f"SELECT {_LANDED} FROM {{source}} WHERE SetAside = ''",
            RECEIVED_DAY,
            _PRESENT,
        ),
        EVENT_IDS,
        limits(Signal.DOMAIN_EVENTS),
        leaks(Signal.DOMAIN_EVENTS),
        set_aside(
            Signal.DOMAIN_EVENTS,
            "toJSONString(map('id', EventId, 'type', toString(Type), 'entity', concat(EntityType, ':', EntityId),"
            " 'metadata', Metadata))",
        ),
    ),
)
