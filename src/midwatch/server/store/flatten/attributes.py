"""Attribute lists (`repeated KeyValue` of opentelemetry-proto) as a map of texts and the types of its values.

Nearly every value is a short scalar under a short, harmless key, and every nanosecond is paid ten times a span. What is
not (private keys, arrays, maps, bytes, long strings) is "odd": its position is noted, its text is worked out apart,
and put in its place. Evaluated for every value instead, those texts took two thirds of the time.
"""

from collections.abc import Mapping

from midwatch.server.store.flatten import any_value, values
from midwatch.server.store.flatten.marks import NOT_PLAIN

ATTRIBUTES_MAX = 256
"""Attributes an item keeps; the rest is dropped and counted."""


def stage(attributes: str, source: str, *, more: Mapping[str, str] | None = None) -> str:
    """`source` with the columns `attribute_keys` and `attribute_texts` of the attribute list that is named.

    `more` has texts by name that stand behind the list's own, where they are not empty; a name that is taken stays its
    sender's.

    Each step is a level of its own: the engine's analyzer resolves an alias anew wherever it is named, so that a heavy
    expression named eight times on one level is planned eight times.
    """
    value = f"{attributes}.value"
    odd_text = any_value.text_of(
        kind="kinds[n]",
        string="strings[n]",
        integer="0",
        boolean="false",
        double="0",
        array=f"{value}.array_value.`values`[n]",
        entries=f"{value}.kvlist_value.`values`[n]",
        raw=f"{value}.bytes_value[n]",
    )
    texts = f"""arraySlice(arrayMap((n, t, s, i, b, d) -> multiIf(has(odd, n), odd_texts[indexOf(odd, n)],
            t = 'string_value', s, t = 'int_value', toString(i), t = 'double_value', toString(d),
            t = 'bool_value', if(b, 'true', 'false'), ''), arrayEnumerate(kinds), kinds, strings,
            {value}.int_value, {value}.bool_value, {value}.double_value), 1, {ATTRIBUTES_MAX})"""
    keys = f"if(long_key, arrayMap(k -> {values.cut('k')}, {_only('long_key', 'sent_keys')}), sent_keys)"
    if more:
        free = ", ".join(f"if(has(sent_keys, '{name}'), 'midwatch.sent.{name}', '{name}')" for name in more)
        found = ", ".join(more.values())
        keys = f"arrayConcat({keys}, arrayFilter((k, t) -> t != '', [{free}], [{found}]))"
        texts = f"arrayConcat({texts}, arrayFilter(t -> t != '', [{found}]))"
    return f"""
    SELECT *, {texts} AS attribute_texts
    FROM (
        SELECT *, arrayConcat(private_positions, odd_positions) AS odd,
            arrayConcat(arrayMap(n -> {values.removed("strings[n]")}, private_positions),
                arrayMap(n -> {values.cut(odd_text, values.ATTRIBUTE_BYTES_MAX)}, odd_positions)) AS odd_texts
        FROM (
            SELECT *,
                arrayFilter((n, k) -> {values.denied("k")}, {_only("suspect", "arrayEnumerate(sent_keys)", "UInt32")},
                    {_only("suspect", "sent_keys")}) AS private_positions,
                CAST({keys} AS Array(LowCardinality(String))) AS attribute_keys
            FROM (
                SELECT *,
                    multiMatchAny(arrayStringConcat(sent_keys, '\\n'), [concat('(?m)', {{deny:String}})]) AS suspect,
                    arrayExists(k -> length(k) > {values.NAME_BYTES_MAX}, sent_keys) AS long_key,
                    arrayFilter((n, t, s) -> t > 'double_value' OR length(s) > {values.ATTRIBUTE_BYTES_MAX},
                        arrayEnumerate(kinds), kinds, strings) AS odd_positions
                FROM (
                    SELECT *, arraySlice({attributes}.key, 1, {ATTRIBUTES_MAX}) AS sent_keys, {value}.value AS kinds,
                        {value}.string_value AS strings
                    FROM ({source})
                )
            )
        )
    )"""


def plain_stage(attributes: str, source: str, *, odd: tuple[str, ...] = ()) -> str:
    """The same for a list (of `any_value.plain_pairs`) of which nothing is odd, in a third of the time.

    Fails with `marks.CODE` before anything is stored, where a value or key is odd or one of these conditions holds.
    """
    value = f"{attributes}.value"
    conditions = (
        f"length(sent_keys) > {ATTRIBUTES_MAX}",
        "multiMatchAny(toLowCardinality(arrayStringConcat(sent_keys, '\\n')), [concat('(?m)', {deny:String})])",
        f"arrayExists((t, k, s) -> t = 'none' OR length(k) > {values.NAME_BYTES_MAX}"
        f" OR length(s) > {values.ATTRIBUTE_BYTES_MAX}, {value}.value, sent_keys, {value}.string_value)",
        *odd,
    )
    return f"""
    SELECT *, CAST(sent_keys AS Array(LowCardinality(String))) AS attribute_keys,
        arrayMap((t, s, i, b, d) -> multiIf(t = 'string_value', s, t = 'int_value', toString(i),
                t = 'double_value', toString(d), if(b, 'true', 'false')),
            {value}.value, {value}.string_value, {value}.int_value, {value}.bool_value, {value}.double_value) AS attribute_texts
    FROM (SELECT *, {attributes}.key AS sent_keys FROM ({source}))
    WHERE throwIf({" OR ".join(conditions)}, '{NOT_PLAIN}') = 0"""


def _only(condition: str, array: str, of: str = "String") -> str:
    """The array where the condition holds, else an empty one: nothing is worked out over it."""
    return f"if({condition}, {array}, emptyArray{of}())"


MAP = "CAST(mapFromArrays(attribute_keys, attribute_texts) AS Map(LowCardinality(String), String))"


def types(attributes: str) -> str:
    """What each value of the map was sent as."""
    return f"CAST(arraySlice({attributes}.value.value, 1, {ATTRIBUTES_MAX}) AS Array(UInt8))"


def adjustments(
    attributes: str, *, leaves: tuple[str, ...] = (), names: tuple[str, ...] = (), plain: bool = False
) -> dict[str, str]:
    """Reasons and their conditions, for `values.reasons`: of a list, its resource's, and those of `leaf_maps`.

    A list of `plain_stage` gives none itself. `names` are the conditions under which other texts of the item were cut, beside those that every item has.
    """
    long_text = f"length(s) > {values.ATTRIBUTE_BYTES_MAX}"
    dropped, cut, renamed = ["resource_dropped"], ["resource_cut"], ["resource_renamed"]
    if not plain:
        dropped.append(f"length({attributes}) > {ATTRIBUTES_MAX}")
        cut.append(f"arrayExists(s -> {long_text}, {attributes}.value.string_value)")
        # What was rendered was cut with it: at the limit exactly is taken for over it.
        cut.append(f"arrayExists(t -> length(t) >= {values.ATTRIBUTE_BYTES_MAX}, odd_texts)")
        renamed.append("long_key")
    for lists in leaves:
        dropped.append(f"arrayExists(l -> length(l) > {ATTRIBUTES_MAX}, {lists})")
        cut.append(f"arrayExists(l -> arrayExists(s -> {long_text}, l.value.string_value), {lists})")
    # These were cut at their resource or scope: at the limit exactly is taken for over it.
    shared = (f"length({name}) >= {values.NAME_BYTES_MAX}" for name in ("ServiceName", "ScopeName", "ScopeVersion"))
    found = {
        "attributes_dropped": " OR ".join(dropped),
        "attribute_truncated": " OR ".join(cut),
        "name_truncated": " OR ".join((*renamed, *shared, *names)),
    }
    if not plain:
        found["value_nested_too_deep"] = f"arrayExists(t -> position(t, '{any_value.TOO_DEEP}') > 0, odd_texts)"
    return found


def of_resource(attributes: str) -> str:
    """The columns that `adjustments` reads of a resource; worked out once for all of its items."""
    return (
        f"length({attributes}) > {ATTRIBUTES_MAX} AS resource_dropped, long_key AS resource_renamed,"
        f" arrayExists(t -> length(t) >= {values.ATTRIBUTE_BYTES_MAX}, odd_texts) AS resource_cut"
    )


def leaf_maps(lists: str) -> str:
    """Attribute lists of events or links (an array of arrays) as an array of maps of texts.

    Only their scalars are decoded: columns for arrays and maps in each event made every span a tenth dearer.
    """
    return (
        f"arrayMap(l -> CAST(arrayMap(e -> (e.key, {values.guarded('e.key', any_value.leaf_text('e.value'))}),"
        f" arraySlice(l, 1, {ATTRIBUTES_MAX})) AS Map(LowCardinality(String), String)), {lists})"
    )


def any_nested(lists: str) -> str:
    """Whether any of such lists has an array or a map."""
    return f"arrayExists(l -> arrayExists(e -> e.value.value IN ('array_value', 'kvlist_value'), l), {lists})"
