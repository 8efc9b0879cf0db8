"""The messages of remote write 1.0 (`prometheus.WriteRequest`) and 2.0-rc.4 (`io.prometheus.write.v2.Request`).

Described here and built at import, in pools of their own: a program may hold Prometheus's generated classes as well.

Beside what was sent, each has two other readings of the same bytes. In `Flat` the field of the series is not repeated:
a parser merges what it finds of such a field (protobuf's encoding, "Last One Wins"), so all samples of a body stand in
one list and are counted without a Python object a series. `Parts` leaves as bytes what is not looked into.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_NUMBERS = {
    "bytes": Field.TYPE_BYTES,
    "double": Field.TYPE_DOUBLE,
    "int32": Field.TYPE_INT32,
    "int64": Field.TYPE_INT64,
    "sint32": Field.TYPE_SINT32,
    "sint64": Field.TYPE_SINT64,
    "string": Field.TYPE_STRING,
    "uint32": Field.TYPE_UINT32,
    "uint64": Field.TYPE_UINT64,
}

_Fields = Mapping[str, tuple[str, int]]
"""By name: type (`*` in front of it where repeated) and number."""

_SHARED: Mapping[str, _Fields] = {
    "BucketSpan": {"offset": ("sint32", 1), "length": ("uint32", 2)},
    "Histogram": {
        "count_int": ("uint64", 1),
        "count_float": ("double", 2),
        "sum": ("double", 3),
        "schema": ("sint32", 4),
        "zero_threshold": ("double", 5),
        "zero_count_int": ("uint64", 6),
        "zero_count_float": ("double", 7),
        "negative_spans": ("*BucketSpan", 8),
        "negative_deltas": ("*sint64", 9),
        "negative_counts": ("*double", 10),
        "positive_spans": ("*BucketSpan", 11),
        "positive_deltas": ("*sint64", 12),
        "positive_counts": ("*double", 13),
        "reset_hint": ("int32", 14),
        "timestamp": ("int64", 15),
        "custom_values": ("*double", 16),
        "start_timestamp": ("int64", 17),
    },
    "Sample": {"value": ("double", 1), "timestamp": ("int64", 2), "start_timestamp": ("int64", 3)},
}
_ONEOFS = {"count_int": "count", "count_float": "count", "zero_count_int": "zero", "zero_count_float": "zero"}
# Version 1 as the write-ahead log holds it has what only 2.0 says: start and created timestamps.
_VERSION_1: Mapping[str, _Fields] = {
    **_SHARED,
    "Label": {"name": ("string", 1), "value": ("string", 2)},
    "Exemplar": {"labels": ("*Label", 1), "value": ("double", 2), "timestamp": ("int64", 3)},
    "TimeSeries": {
        "labels": ("*Label", 1),
        "samples": ("*Sample", 2),
        "exemplars": ("*Exemplar", 3),
        "histograms": ("*Histogram", 4),
        "created_timestamp": ("int64", 6),
    },
    "MetricMetadata": {
        "type": ("int32", 1),
        "metric_family_name": ("string", 2),
        "help": ("string", 4),
        "unit": ("string", 5),
    },
    "WriteRequest": {"timeseries": ("*TimeSeries", 1), "metadata": ("*MetricMetadata", 3)},
    "Flat": {"timeseries": ("TimeSeries", 1), "metadata": ("*MetricMetadata", 3)},
    "Parts": {"timeseries": ("*bytes", 1)},
}
_VERSION_2: Mapping[str, _Fields] = {
    **_SHARED,
    "Exemplar": {"labels_refs": ("*uint32", 1), "value": ("double", 2), "timestamp": ("int64", 3)},
    "Metadata": {"type": ("int32", 1), "help_ref": ("uint32", 3), "unit_ref": ("uint32", 4)},
    "TimeSeries": {
        "labels_refs": ("*uint32", 1),
        "samples": ("*Sample", 2),
        "histograms": ("*Histogram", 3),
        "exemplars": ("*Exemplar", 4),
        "metadata": ("Metadata", 5),
        "created_timestamp": ("int64", 6),  # until rc.3: what Prometheus 3.0 to 3.7 send
    },
    "Request": {"symbols": ("*string", 4), "timeseries": ("*TimeSeries", 5)},
    "Flat": {"symbols": ("*string", 4), "timeseries": ("TimeSeries", 5)},
    "SeriesParts": {
        "labels_refs": ("*uint32", 1),
        "samples": ("*bytes", 2),
        "histograms": ("*bytes", 3),
        "exemplars": ("*Exemplar", 4),
        "metadata": ("bytes", 5),
        "created_timestamp": ("int64", 6),
    },
    "Parts": {"symbols": ("*bytes", 4), "timeseries": ("*SeriesParts", 5)},
}


def _classes(package: str, messages: Mapping[str, _Fields]) -> dict[str, type[Any]]:
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        oneofs: list[str] = []
        for field_name, (written, number) in fields.items():
            field = message.field.add(name=field_name, number=number, label=Field.LABEL_OPTIONAL)
            if written.startswith("*"):
                field.label = Field.LABEL_REPEATED
            kind = written.removeprefix("*")
            if kind in _NUMBERS:
                field.type = _NUMBERS[kind]
            else:
                field.type = Field.TYPE_MESSAGE
                field.type_name = f".{package}.{kind}"
            if (oneof := _ONEOFS.get(field_name)) is not None:
                if oneof not in oneofs:
                    oneofs.append(oneof)
                    message.oneof_decl.add(name=oneof)
                field.oneof_index = oneofs.index(oneof)
    pool = DescriptorPool()
    pool.Add(file)
    return {name: GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in messages}


@dataclass(frozen=True, slots=True)
class Version:
    """One message of remote write, and its other readings."""

    name: str
    """As `proto=` of the content type says it."""
    request: type[Any]
    flat: type[Any]
    parts: type[Any]


def _version(package: str, request: str, found: Mapping[str, type[Any]]) -> Version:
    return Version(f"{package}.{request}", found[request], found["Flat"], found["Parts"])


_CLASSES_1 = _classes("prometheus", _VERSION_1)
_CLASSES_2 = _classes("io.prometheus.write.v2", _VERSION_2)
VERSION_1 = _version("prometheus", "WriteRequest", _CLASSES_1)
VERSION_2 = _version("io.prometheus.write.v2", "Request", _CLASSES_2)
Exemplar = _CLASSES_1["Exemplar"]
MetricMetadata = _CLASSES_1["MetricMetadata"]
Histogram = _CLASSES_2["Histogram"]
Metadata = _CLASSES_2["Metadata"]
