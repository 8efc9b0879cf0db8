"""What a label's name means over `logs`, in SQL for conditions and groups, in Python for the few rows that are shown.

Labels of a stream: `service_name`, `env` and `level` of every record; the resource attributes whose names have no dot,
which are the labels of a pushed stream; and those of `PROMOTED`, which Loki makes labels of OTLP, too. Everything else
of a record is its structured metadata. Names have only letters, digits and `_`: every other character reads `_`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Bind = Callable[[str], str]

SERVICE_NAME, ENV, LEVEL = "service_name", "env", "level"
PROMOTED = {
    name.replace(".", "_"): name
    for name in (
        *("service.namespace", "service.instance.id", "cloud.availability_zone", "cloud.region", "container.name"),
        *("k8s.cluster.name", "k8s.container.name", "k8s.cronjob.name", "k8s.daemonset.name", "k8s.deployment.name"),
        *("k8s.job.name", "k8s.namespace.name", "k8s.pod.name", "k8s.replicaset.name", "k8s.statefulset.name"),
    )
}
COLUMNS = (
    *("Timestamp", "Segment", "SegmentRow", "ServiceName", "Environment", "Level", "ResourceAttributes"),
    *("LogAttributes", "TraceId", "SpanId", "ScopeName", "EventName"),
)
"""What of a row labels are read from."""
_OTHER = re.compile(r"[^a-zA-Z0-9_]")
_LEVEL = "if(Level = 'unknown', '', toString(Level))"
_STREAM = {
    SERVICE_NAME: "toString(ServiceName)",
    ENV: "if(Environment != '', toString(Environment), ResourceAttributes['env'])",
    LEVEL: f"if(ResourceAttributes['level'] != '', ResourceAttributes['level'], {_LEVEL})",
}
_RECORD = {"detected_level": _LEVEL, "scope_name": "toString(ScopeName)", "event_name": "toString(EventName)"}
_IDS = {"trace_id": "TraceId", "span_id": "SpanId"}
_PROMOTED_LIST = "[" + ", ".join(f"'{name}'" for name in PROMOTED.values()) + "]"
_SAID = ("service_name", "deployment_environment_name", "deployment_environment")
"""Attributes that columns say already."""
IS_LABEL = f"position(k, '.') = 0 OR has({_PROMOTED_LIST}, k)"
_REST = f"mapFilter((k, v) -> NOT ({IS_LABEL}), ResourceAttributes)"


def name_of(key: str) -> str:
    """An attribute's name as a label's."""
    name = _OTHER.sub("_", key)
    return f"_{name}" if name[:1].isdigit() else name


def sql_name(key: str) -> str:
    return f"replaceRegexpAll(replaceRegexpAll({key}, '[^a-zA-Z0-9_]', '_'), '^([0-9])', '_\\\\1')"


def stream_label(name: str, bind: Bind) -> str:
    """A stream label's value; empty where it is not there."""
    if name in _STREAM:
        return _STREAM[name]
    found = [f"ResourceAttributes[{bind(name)}]"]
    if name in PROMOTED:
        found.append(f"ResourceAttributes['{PROMOTED[name]}']")
    if "_" in name:
        found.append(_respelled("ResourceAttributes", name, bind, IS_LABEL))
    return _first(found)


def any_label(name: str, bind: Bind) -> str:
    """A stream label's or a piece of structured metadata's value."""
    if name in _STREAM or name in _RECORD:
        return _STREAM.get(name) or _RECORD[name]
    found = [_IDS[name]] if name in _IDS else []
    key = bind(name)
    found += [f"ResourceAttributes[{key}]", f"LogAttributes[{key}]"]
    if "_" in name:
        found += [_respelled(attributes, name, bind) for attributes in ("LogAttributes", "ResourceAttributes")]
    return _first(found)


def is_pushed(name: str) -> str:
    """Whether a name that a parser found is a stream label already."""
    return f"({name} = '{SERVICE_NAME}' OR mapContains(ResourceAttributes, {name}))"


def stream_map() -> str:
    """All labels of a stream, by which unaggregated metric queries group."""
    own = ", ".join(f"'{name}', {value}" for name, value in _STREAM.items())
    kept = f"mapFilter((k, v) -> {IS_LABEL}, ResourceAttributes)"
    renamed = f"CAST(mapApply((k, v) -> ({sql_name('k')}, v), {kept}) AS Map(String, String))"
    return f"mapUpdate({renamed}, map({own}))"


def stream_labels(row: Mapping[str, Any]) -> dict[str, str]:
    """The same of a row that is shown."""
    resource = row["resource"]
    found = {name_of(key): text for key, text in resource.items() if "." not in key or key in PROMOTED.values()}
    level = "" if row["level"] == "unknown" else row["level"]
    found[SERVICE_NAME] = row["service"]
    found[ENV] = row["env"] or resource.get("env", "")
    found[LEVEL] = resource.get("level") or level
    return {name: text for name, text in found.items() if text}


def metadata_map() -> str:
    """All structured metadata of a record, as a map that has no empty values."""
    own = ", ".join(f"'{name}', {value}" for name, value in {**_RECORD, **_IDS}.items())
    said = ", ".join(f"'{name}'" for name in _SAID)
    renamed = (
        f"CAST(mapApply((k, v) -> ({sql_name('k')}, v), mapUpdate({_REST}, LogAttributes)) AS Map(String, String))"
    )
    found = f"mapUpdate({renamed}, mapFilter((k, v) -> v != '', map({own})))"
    return f"mapFilter((k, v) -> v != '' AND NOT has([{said}], k), {found})"


def metadata(row: Mapping[str, Any]) -> dict[str, str]:
    """A shown row's structured metadata."""
    resource = row["resource"]
    found = {name_of(key): text for key, text in resource.items() if "." in key and key not in PROMOTED.values()}
    found |= {name_of(key): text for key, text in row["attributes"].items()}
    found |= {
        "trace_id": row["trace_id"] or found.get("trace_id", ""),
        "span_id": row["span_id"] or found.get("span_id", ""),
    }
    found |= {"scope_name": row["scope"], "event_name": row["event"]}
    found["detected_level"] = "" if row["level"] == "unknown" else row["level"]
    for said in _SAID:
        found.pop(said, None)
    return {name: text for name, text in found.items() if text}


def _respelled(attributes: str, name: str, bind: Bind, condition: str = "") -> str:
    """The value of a name that was sent with other characters, such as `http.route` for `http_route`."""
    and_more = f" AND ({condition})" if condition else ""
    return (
        f"arrayFirst((v, k) -> {sql_name('k')} = {bind(name)}{and_more},"
        f" mapValues({attributes}), mapKeys({attributes}))"
    )


def _first(candidates: list[str]) -> str:
    if len(candidates) == 1:
        return candidates[0]
    branches = ", ".join(f"{one} != '', {one}" for one in candidates[:-1])
    return f"multiIf({branches}, {candidates[-1]})"
