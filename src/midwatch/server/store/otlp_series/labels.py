"""The labels of a point: its attributes, and what is told of its resource and scope; sorted, each name once."""

from midwatch.server.store.otlp_series.names import label_name

PROMOTED_ATTRIBUTES: tuple[str, ...] = ()
"""Resource attributes that become labels of every series, beside those of job, instance and env. Each that changes from
one deployment to the next makes all series anew."""
LABELS_MAX = 64
"""Attributes that a point may have and still be a series; others are set aside."""
LABEL_VALUE_BYTES_MAX = 2048
"""A longer value is cut and ends with a hash of the whole, so that two series do not become one."""

JOB = (
    "concat(if(ResourceAttributes['service.namespace'] = '', '', concat(ResourceAttributes['service.namespace'], '/')),"
    " toString(ServiceName))"
)
INSTANCE = "ResourceAttributes['service.instance.id']"
_IDENTITY = ("service.name", "service.namespace", "service.instance.id")
OF_EVERY_SERIES = ("job", "instance", "env")
_SCOPE_OWN = ("otel_scope_name", "otel_scope_version", "otel_scope_schema_url")


def cut_value(value: str) -> str:
    kept = LABEL_VALUE_BYTES_MAX - 33
    return (
        f"if(length({value}) > {LABEL_VALUE_BYTES_MAX},"
        f" concat(toValidUTF8(left({value}, {kept})), '#', lower(hex(sipHash128({value})))), {value})"
    )


def too_long(values: str) -> str:
    """Whether `cut_value` cuts any."""
    return f"arrayExists(v -> length(v) > {LABEL_VALUE_BYTES_MAX}, {values})"


def _names_list(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


def of_points(source: str, *, promoted: tuple[str, ...] = PROMOTED_ATTRIBUTES) -> str:
    """`source` (rows of `metric_points_in`) with the columns `names` and `texts`.

    An attribute that is called as `job`, `instance` or a part's own label (`le`, `quantile`) keeps its value under
    `exported_…`, as where Prometheus scrapes; an attribute `env` stands, and the resource's is not added.
    """
    taken = (
        "if(label IN ('job', 'instance') OR (label = 'le' AND MetricType = 'histogram')"
        " OR (label = 'quantile' AND MetricType = 'summary'), concat('exported_', label), label)"
    )
    of_attributes = f"arrayMap(label -> {taken}, arrayMap(k -> {label_name('k')}, mapKeys(Attributes)))"
    env = "if(has(own_names, 'env'), '', toString(Environment))"
    shared = {
        "job": JOB,
        "instance": INSTANCE,
        "env": env,
        "otel_scope_name": "toString(ScopeName)",
        "otel_scope_version": "toString(ScopeVersion)",
        "otel_scope_schema_url": "toString(ScopeSchemaUrl)",
    }
    scope_key = f"concat('otel_scope_', {label_name('k')})"
    scope_names = f"arrayMap(k -> {scope_key}, mapKeys(ScopeAttributes))"
    scope_texts = (
        f"arrayMap((k, v) -> if(has({_names_list(_SCOPE_OWN)}, {scope_key}), '', v),"
        " mapKeys(ScopeAttributes), mapValues(ScopeAttributes))"
    )
    promoted_keys = _names_list(promoted) if promoted else "emptyArrayString()"
    promoted_texts = f"arrayMap(k -> ResourceAttributes[k], {promoted_keys})"
    promoted_names = f"arrayMap(k -> {label_name('k')}, {promoted_keys})"
    keys = f"arrayConcat(mapKeys(Attributes), {_names_list(tuple(shared))}, {scope_names}, {promoted_keys})"
    names = f"arrayConcat(own_names, {_names_list(tuple(shared))}, {scope_names}, {promoted_names})"
    texts = f"arrayConcat(mapValues(Attributes), [{', '.join(shared.values())}], {scope_texts}, {promoted_texts})"
    return sorted_once(
        f"""SELECT *, {keys} AS all_keys, {names} AS all_names, {texts} AS all_texts
            FROM (SELECT *, {of_attributes} AS own_names FROM ({source}))"""
    )


def of_resources(source: str) -> str:
    """The same for `target_info`: all of a resource that does not say whose it is."""
    kept = f"NOT k IN {_IDENTITY}"
    keys = f"arrayFilter(k -> {kept}, mapKeys(ResourceAttributes))"
    texts = f"arrayFilter((v, k) -> {kept}, mapValues(ResourceAttributes), mapKeys(ResourceAttributes))"
    shared, shared_texts = _names_list(OF_EVERY_SERIES), f"[{JOB}, {INSTANCE}, toString(Environment)]"
    own = f"arrayMap(label -> if(label IN {OF_EVERY_SERIES}, concat('exported_', label), label),"
    own += f" arrayMap(k -> {label_name('k')}, {keys}))"
    return sorted_once(
        f"""SELECT *, arrayConcat({keys}, {shared}) AS all_keys, arrayConcat({own}, {shared}) AS all_names,
            arrayConcat({texts}, {shared_texts}) AS all_texts FROM ({source})"""
    )


def sorted_once(source: str) -> str:
    """`source`, which has `all_keys`, `all_names` and `all_texts`, with `names` and `texts`.

    Empty texts are no labels. Where two keys give one name, their texts are joined by `;` in the order of the keys;
    that is rare, and nothing of it is worked out where it is not so.
    """
    pairs = "arraySort(arrayZip(found_names, found_keys, found_texts))"
    joined = (
        "arrayMap(n -> arrayStringConcat(arrayMap(p -> p.3, arrayFilter(p -> p.1 = n, clashing)), ';'),"
        " arraySort(arrayDistinct(tupleElement(clashing, 1))))"
    )
    return f"""
    SELECT * EXCEPT (all_keys, all_names, all_texts, found_keys, found_names, found_texts, clash, clashing, ordered),
        if(clash, arraySort(arrayDistinct(tupleElement(clashing, 1))), arraySort(found_names)) AS names,
        arrayMap(v -> {cut_value("v")}, if(clash, {joined}, ordered)) AS texts
    FROM (
        SELECT *, arraySort((v, n) -> n, found_texts, found_names) AS ordered,
            if(clash, {pairs}, []) AS clashing
        FROM (
            SELECT *, length(arrayDistinct(found_names)) != length(found_names) AS clash
            FROM (
                SELECT *, arrayFilter((k, v) -> v != '', all_keys, all_texts) AS found_keys,
                    arrayFilter((n, v) -> v != '', all_names, all_texts) AS found_names,
                    arrayFilter(v -> v != '', all_texts) AS found_texts
                FROM ({source})
            )
        )
    )"""
