"""The labels of a point: its attributes, and what is told of its resource and scope; sorted, each name once."""

import re

from midwatch.server.store.otlp_series.ladder import Ladder
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


_PROMOTED_LABEL = re.compile("[^a-zA-Z0-9]+")


def cut_value(value: str) -> str:
    kept = LABEL_VALUE_BYTES_MAX - 33
    return (
        f"if(length({value}) > {LABEL_VALUE_BYTES_MAX},"
        f" concat(toValidUTF8(left({value}, {kept})), '#', lower(hex(sipHash128({value})))), {value})"
    )


def too_long(values: str) -> str:
    """Whether `cut_value` cuts any."""
    return f"arrayExists(v -> length(v) > {LABEL_VALUE_BYTES_MAX}, {values})"


def _list(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


def of_points(*, promoted: tuple[str, ...] = PROMOTED_ATTRIBUTES) -> Ladder:
    """`names` and `texts` of a row of `metric_points_in`.

    An attribute that is called as `job`, `instance` or a part's own label (`le`, `quantile`) keeps its value under
    `exported_…`, as where Prometheus scrapes; an attribute `env` stands, and the resource's is not added.
    """
    taken = (
        "if(label IN ('job', 'instance') OR (label = 'le' AND MetricType = 'histogram')"
        " OR (label = 'quantile' AND MetricType = 'summary'), concat('exported_', label), label)"
    )
    shared = {
        "job": JOB,
        "instance": INSTANCE,
        "env": "if(has(own_names, 'env'), '', toString(Environment))",
        "otel_scope_name": "toString(ScopeName)",
        "otel_scope_version": "toString(ScopeVersion)",
        "otel_scope_schema_url": "toString(ScopeSchemaUrl)",
    }
    scope_names = f"arrayMap(k -> concat('otel_scope_', {label_name('k')}), mapKeys(ScopeAttributes))"
    scope_texts = f"arrayMap((n, v) -> if(n IN {_SCOPE_OWN}, '', v), scope_names, mapValues(ScopeAttributes))"
    names, keys = f"own_names, {_list(tuple(shared))}, scope_names", f"mapKeys(Attributes), {_list(tuple(shared))}"
    keys, texts = f"{keys}, scope_names", f"mapValues(Attributes), [{', '.join(shared.values())}], {scope_texts}"
    if promoted:
        names += f", {_list(tuple(_PROMOTED_LABEL.sub('_', key) for key in promoted))}"
        keys += f", {_list(promoted)}"
        found = (f"ResourceAttributes['{key}']" for key in promoted)
        texts += f", [{', '.join(found)}]"
    return (
        {
            "own_names": f"arrayMap(label -> {taken}, arrayMap(k -> {label_name('k')}, mapKeys(Attributes)))",
            "scope_names": scope_names,
        },
        {
            "all_names": f"arrayConcat({names})",
            "all_keys": f"arrayConcat({keys})",
            "all_texts": f"arrayConcat({texts})",
        },
        *_SORTED_ONCE,
    )


def of_resources() -> Ladder:
    """The same for `target_info`: all of a resource that does not say whose it is."""
    told = f"mapFilter((k, v) -> NOT k IN {_IDENTITY}, ResourceAttributes)"
    own = (
        f"arrayMap(label -> if(label IN {OF_EVERY_SERIES}, concat('exported_', label), label),"
        f" arrayMap(k -> {label_name('k')}, mapKeys(told)))"
    )
    return (
        {"told": told},
        {
            "all_names": f"arrayConcat({own}, {_list(OF_EVERY_SERIES)})",
            "all_keys": f"arrayConcat(mapKeys(told), {_list(OF_EVERY_SERIES)})",
            "all_texts": f"arrayConcat(mapValues(told), [{JOB}, {INSTANCE}, toString(Environment)])",
        },
        *_SORTED_ONCE,
    )


# Empty texts are no labels. Where two keys give one name, their texts are joined by `;` in the order of the keys; that
# is rare, and nothing of it is worked out where it is not so.
_CLASHING = "arraySort(arrayZip(found_names, found_keys, found_texts))"
_JOINED = "arrayStringConcat(arrayMap(p -> p.3, arrayFilter(p -> p.1 = n, clashing)), ';')"
_SORTED_ONCE: Ladder = (
    {
        "found_names": "arrayFilter((n, v) -> v != '', all_names, all_texts)",
        "found_keys": "arrayFilter((k, v) -> v != '', all_keys, all_texts)",
        "found_texts": "arrayFilter(v -> v != '', all_texts)",
    },
    {"clash": "length(arrayDistinct(found_names)) != length(found_names)"},
    {
        "names": "arraySort(arrayDistinct(found_names))",
        "ordered": "arraySort((v, n) -> n, found_texts, found_names)",
        "clashing": f"if(clash, {_CLASHING}, [])",
    },
    {
        "texts": f"arrayMap(v -> {cut_value('v')},"
        f" if(clash, arrayMap(n -> {_JOINED}, if(clash, names, emptyArrayString())), ordered))"
    },
)
