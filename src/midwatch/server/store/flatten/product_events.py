"""Captured events → `product_events_in`. The door has made lines of them: `protocols/posthog/events.py`."""

from midwatch.contract import fields
from midwatch.server.store.event_targets import PRODUCT_EVENTS
from midwatch.server.store.flatten import values
from midwatch.server.store.flatten.attributes import ATTRIBUTES_MAX
from midwatch.server.store.flatten.statement import Flattening

COLUMN_PROPERTIES = {
    "SessionId": "$session_id",
    "WindowId": "$window_id",
    "Lib": "$lib",
    "Url": "$current_url",
    "Path": "$pathname",
    "Referrer": "$referrer",
    "Browser": "$browser",
    "Os": "$os",
    "DeviceType": "$device_type",
}
"""Columns that are properties, by PostHog's names; they are not kept twice."""
FEATURE = "$feature/"
"""Beginning of a property that is the value of a feature flag."""
_SKEW_SECONDS_MAX = 60
"""A sender's clock that is further off is corrected by when it says that it sent. Nearer than that the times of an
event and of its retry stay the same."""
_PERSON_PROPERTIES_MAX = 100
_URL_BYTES_MAX = 4096
_TRACE = ("$trace_id", *fields.names_of(fields.TRACE_ID))
_SPAN = ("$span_id", *fields.names_of(fields.SPAN_ID))
_IS_TRACE = "match(replaceAll(lower(t), '-', ''), '^[0-9a-f]{32}$') AND NOT match(t, '^[0-]*$')"
_IS_SPAN = "match(lower(t), '^[0-9a-f]{16}$') AND NOT match(t, '^0*$')"
_SERVICE = (*fields.names_of(fields.SERVICE_NAME), "$app_name")
_ENVIRONMENT = ("$environment", *fields.names_of(fields.DEPLOYMENT_ENVIRONMENT))


def _list(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


def _first(names: tuple[str, ...], condition: str = "t != ''") -> str:
    return f"arrayFirst(t -> {condition}, arrayMap(n -> guarded[indexOf(keys, n)], {_list(names)}))"


def _of(name: str, size: int = values.NAME_BYTES_MAX) -> str:
    """A property as a column: text alone, cut."""
    return values.cut(f"if(types[indexOf(keys, '{name}')] = 1, guarded[indexOf(keys, '{name}')], '')", size)


def _person(field: str) -> str:
    """Person's properties of a line as a map of texts, private ones removed."""
    guarded = values.guarded(
        "f.1",
        f"if({values.names_private('f.2')}, {values.REMOVED}, if(startsWith(f.2, '\"'), JSONExtractString(f.2), f.2))",
    )
    kept = f"arraySlice(JSONExtractKeysAndValuesRaw(line, '{field}'), 1, {_PERSON_PROPERTIES_MAX})"
    pairs = f"arrayMap(f -> ({values.cut('f.1')}, {guarded}), arrayFilter(f -> f.2 != 'null', {kept}))"
    return f"CAST({pairs} AS Map(String, String))"


_TYPES = """arrayMap(r -> multiIf(startsWith(r, '"'), 1, r IN ('true', 'false'), 2, match(r, '^-?[0-9]+$'), 3,
                match(r, '^-?[0-9]'), 4, startsWith(r, '['), 5, startsWith(r, '{'), 6, 0), pairs.2)"""
_TEXTS = "arrayMap(r -> if(startsWith(r, '\"'), JSONExtractString(r), if(r = 'null', '', r)), pairs.2)"
_ADJUSTMENTS = values.reasons(
    {
        "attributes_dropped": f"length(kept) > {ATTRIBUTES_MAX}",
        "attribute_truncated": f"arrayExists(t -> length(t) > {values.ATTRIBUTE_BYTES_MAX}, texts)",
        "name_truncated": values.longer("name"),
        "time_missing": "sent_time_ns = 0 AND offset_ns = 0",
        "time_corrected": "skew_ns != 0",
        "time_clamped": f"abs(sent_time_ns) >= {values.TIME_NS_MAX}",
    }
)
_COLUMNS = ", ".join(
    f"{_of(property_, _URL_BYTES_MAX if column in ('Url', 'Referrer', 'Path') else values.NAME_BYTES_MAX)} AS {column}"
    for column, property_ in COLUMN_PROPERTIES.items()
)

_SELECT = f"""
SELECT project AS Project, fromUnixTimestamp64Nano(time_ns, 'UTC') AS Timestamp, uuid AS Uuid,
    {values.cut("name")} AS Event, distinct_id AS DistinctId, {_COLUMNS},
    {values.cut(f"multiIf(({_first(_SERVICE)} AS service) != '', service, Lib != '', Lib, 'unknown_service')")} AS ServiceName,
    {values.cut(f"if(environment != '', environment, {_first(_ENVIRONMENT)})")} AS Environment,
    replaceAll(lower({_first(_TRACE, _IS_TRACE)}), '-', '')
        AS TraceId,
    lower({_first(_SPAN, _IS_SPAN)}) AS SpanId,
    arraySlice(kept, 1, {ATTRIBUTES_MAX}) AS stored,
    CAST(mapFromArrays(arrayMap(n -> {values.cut("keys[n]")}, stored), arrayMap(n -> guarded[n], stored))
        AS Map(LowCardinality(String), String)) AS Properties,
    CAST(arrayMap(n -> types[n], stored) AS Array(UInt8)) AS PropertyTypes,
    CAST(arrayMap(n -> ({values.cut(f"substring(keys[n], {len(FEATURE) + 1})")}, guarded[n]), arraySlice(flags, 1, {ATTRIBUTES_MAX}))
        AS Map(LowCardinality(String), String)) AS of_properties,
    CAST(if(name = '$feature_flag_called' AND has(keys, '$feature_flag') AND NOT mapContains(of_properties,
            guarded[indexOf(keys, '$feature_flag')]),
        mapUpdate(of_properties, CAST(map(guarded[indexOf(keys, '$feature_flag')],
            guarded[indexOf(keys, '$feature_flag_response')]) AS Map(LowCardinality(String), String))), of_properties)
        AS Map(LowCardinality(String), String)) AS Flags,
    CAST({_ADJUSTMENTS} AS Array(LowCardinality(String))) AS Adjustments,
    {values.set_aside("time_ns")} AS SetAside,
    linked_id AS LinkedId, link_kind AS LinkKind, {_person("set")} AS PersonSet, {_person("once")} AS PersonSetOnce,
    {values.COMMON}
FROM (
    SELECT *,
        toInt64(least(greatest(toInt128(if(sent_time_ns != 0, sent_time_ns, toInt64(received_unix_nano) - offset_ns))
            + skew_ns, -{values.TIME_NS_MAX}), {values.TIME_NS_MAX})) AS time_ns,
        arrayFilter((n, k, ty) -> ty != 0 AND NOT startsWith(k, '{FEATURE}')
            AND NOT (ty = 1 AND has({_list(tuple(COLUMN_PROPERTIES.values()))}, k)), arrayEnumerate(keys), keys, types) AS kept,
        arrayFilter((n, k, ty) -> ty != 0 AND startsWith(k, '{FEATURE}'), arrayEnumerate(keys), keys, types) AS flags
    FROM (
        SELECT *, pairs.1 AS keys, {_TYPES} AS types, {_TEXTS} AS texts,
            arrayMap((k, t, r) -> {values.guarded("k", f"if({values.names_private('r')}, {values.REMOVED}, t)")}, keys, texts, pairs.2) AS guarded,
            if(sent_ns != 0 AND sent_time_ns != 0
                AND abs(toInt64(received_unix_nano) - sent_ns) > {_SKEW_SECONDS_MAX * 10**9},
                toInt64(received_unix_nano) - sent_ns, 0) AS skew_ns
        FROM (
            SELECT *, JSONExtractString(line, 'u') AS uuid, JSONExtractString(line, 'e') AS name,
                JSONExtractString(line, 'd') AS distinct_id, JSONExtractInt(line, 't') AS sent_time_ns,
                JSONExtractInt(line, 'o') AS offset_ns, JSONExtractInt(line, 's') AS sent_ns,
                JSONExtractString(line, 'l') AS linked_id, JSONExtractString(line, 'k') AS link_kind,
                arraySlice(JSONExtractKeysAndValuesRaw(line, 'p'), 1, 2000) AS pairs
            FROM (
                SELECT project, key_id, environment, received_unix_nano, arrayJoin(splitByChar('\\n', text)) AS line
                FROM {{source}}
            ) WHERE line != ''
        )
    )
)"""

COLUMNS = (
    *("Project", "Timestamp", "Uuid", "Event", "DistinctId", *COLUMN_PROPERTIES, "ServiceName", "Environment"),
    *("TraceId", "SpanId", "Properties", "PropertyTypes", "Flags", "KeyId", "ReceivedAt", "Adjustments", "Segment"),
    *("SegmentRow", "SetAside", "Writer", "LinkedId", "LinkKind", "PersonSet", "PersonSetOnce"),
)

FLATTENING = Flattening(
    schema='syntax = "proto3";\nmessage Frame { uint32 project=1; string key_id=2; string environment=3;'
    " fixed64 received_unix_nano=4; string text=11; }\n",
    structure=f"{values.FRAME_COLUMNS}, text String",
    select=_SELECT,
    columns=COLUMNS,
    staging=PRODUCT_EVENTS,
)
