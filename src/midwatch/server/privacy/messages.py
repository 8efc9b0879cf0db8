"""Private values out of protobuf messages: OTLP's requests, Prometheus's remote write, Loki's pushes.

The same as the store takes out of its rows (`cells.py`), for what leaves before it is a row, or never becomes one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache, lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.contract.redaction.said import LEFT_OUT, safe_text
from midwatch.contract.redaction.values import Redactor
from midwatch.server.model.signal import Signal
from midwatch.server.protocols.loki.labels import BadLabels, parsed, text_of

SERVICES_MAX = 256
_KEY_VALUE, _ANY_VALUE = "opentelemetry.proto.common.v1.KeyValue", "opentelemetry.proto.common.v1.AnyValue"
_STREAM = "logproto.StreamAdapter"
_SERVICE = "service.name"
_LABEL = ("name", "value")
_INTEGERS_MAX = 1 << 63


def clean(message: Message, policy: PrivacyPolicy, signal: Signal) -> None:
    """In place. Fields that are not known are left out: nothing could be removed from within them."""
    message.DiscardUnknownFields()
    if policy.is_on:
        _walk(message, _redactor(policy, signal.value, ""), lambda service: _redactor(policy, signal.value, service))


def _walk(message: Message, redactor: Redactor, of_service: Callable[[str], Redactor]) -> None:
    """Rules for a service hold below the resource that names it."""
    parts = _parts(message.DESCRIPTOR)
    if parts.has_resource:
        attributes = message.resource.attributes  # type: ignore[attr-defined]
        redactor = of_service(next((pair.value.string_value for pair in attributes if pair.key == _SERVICE), ""))
    if parts.is_stream:
        _label_text(message, redactor)
    for name in parts.texts:
        if (value := getattr(message, name)) and (told := redactor.text(value)) != value:
            setattr(message, name, told)
    for name in parts.values:
        if message.HasField(name):
            _any_value(getattr(message, name), "", redactor)
    for name in parts.pairs:
        _pairs(getattr(message, name), redactor)
    for name in parts.labels:
        _labels(getattr(message, name), redactor)
    for name in parts.single:
        if message.HasField(name):
            _walk(getattr(message, name), redactor, of_service)
    for name in parts.repeated:
        for inner in getattr(message, name):
            _walk(inner, redactor, of_service)


def _pairs(pairs: Any, redactor: Redactor) -> None:
    left_out = []
    for place, pair in enumerate(pairs):
        key = pair.key
        if _any_value(pair.value, key, redactor) is LEFT_OUT:
            left_out.append(place)
        if (told := redactor.key(key)) != key:
            pair.key = told
    for place in reversed(left_out):
        del pairs[place]


def _labels(labels: Any, redactor: Redactor) -> None:
    left_out = []
    for place, label in enumerate(labels):
        name, value = label.name, label.value
        told = redactor.value(name, value)
        if told is LEFT_OUT:
            left_out.append(place)
        elif told != value:
            label.value = safe_text(told)
        if (shown := redactor.key(name)) != name:
            label.name = shown
    for place in reversed(left_out):
        del labels[place]


def _label_text(stream: Any, redactor: Redactor) -> None:
    """Labels of Loki's streams are a text; one that is none is removed, for nothing could be told apart in it."""
    try:
        labels = parsed(stream.labels)
    except BadLabels:
        stream.labels = ""
        return
    told = {redactor.key(name): redactor.value(name, value) for name, value in labels.items()}
    stream.labels = text_of({name: safe_text(value) for name, value in told.items() if value is not LEFT_OUT})


def _any_value(value: Any, key: str, redactor: Redactor) -> Any:
    """Returns LEFT_OUT where nothing of it may stay."""
    if value.WhichOneof("value") == "string_value":  # nearly all
        text = value.string_value
        told = redactor.value(key, text) if key else redactor.text(text)
        if told is text:
            return told
    else:
        sent = _read(value)
        told = redactor.value(key, sent)
        if told is sent:
            return told
    if told is not LEFT_OUT:
        _write(value, told)
    return told


def _read(value: Any) -> Any:
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [_read(one) for one in value.array_value.values]
        case "kvlist_value":
            return {pair.key: _read(pair.value) for pair in value.kvlist_value.values}
        case name:
            return getattr(value, name)


def _write(value: Any, told: Any) -> None:
    value.Clear()
    if isinstance(told, bool):
        value.bool_value = told
    elif isinstance(told, int) and -_INTEGERS_MAX <= told < _INTEGERS_MAX:
        value.int_value = told
    elif isinstance(told, float):
        value.double_value = told
    elif isinstance(told, bytes):
        value.bytes_value = told
    elif isinstance(told, list):
        value.array_value.SetInParent()
        for one in told:
            _write(value.array_value.values.add(), one)
    elif isinstance(told, dict):
        value.kvlist_value.SetInParent()
        for key, one in told.items():
            _write(value.kvlist_value.values.add(key=key).value, one)
    elif told is not None:
        value.string_value = safe_text(told)


@dataclass(slots=True)
class _Parts:
    """Fields of a message in which there may be texts. Bytes beside those of values are ids."""

    has_resource: bool
    is_stream: bool
    texts: list[str] = dataclass_field(default_factory=list)
    values: list[str] = dataclass_field(default_factory=list)
    pairs: list[str] = dataclass_field(default_factory=list)
    labels: list[str] = dataclass_field(default_factory=list)
    single: list[str] = dataclass_field(default_factory=list)
    repeated: list[str] = dataclass_field(default_factory=list)


@cache
def _parts(descriptor: Descriptor) -> _Parts:
    found = _Parts("resource" in descriptor.fields_by_name, descriptor.full_name == _STREAM)
    for field in descriptor.fields:
        if _has_texts(field, frozenset()) and not (found.is_stream and field.name == "labels"):
            _list_for(field, found).append(field.name)
    return found


def _list_for(field: FieldDescriptor, parts: _Parts) -> list[str]:
    inner = field.message_type
    if inner is None:
        assert not field.is_repeated, f"{field.full_name}: a list of texts, as none of these messages has"
        return parts.texts
    if inner.full_name == _ANY_VALUE:
        return parts.values
    if not field.is_repeated:
        return parts.single
    if inner.full_name == _KEY_VALUE:
        return parts.pairs
    return parts.labels if _is_label(inner) else parts.repeated


def _has_texts(field: FieldDescriptor, above: frozenset[str]) -> bool:
    inner = field.message_type
    if inner is None:
        return bool(field.type == FieldDescriptor.TYPE_STRING)
    if inner.full_name == _ANY_VALUE:
        return True
    return inner.full_name not in above and any(_has_texts(one, above | {inner.full_name}) for one in inner.fields)


def _is_label(descriptor: Descriptor) -> bool:
    return tuple(field.name for field in descriptor.fields) == _LABEL and all(
        field.type == FieldDescriptor.TYPE_STRING for field in descriptor.fields
    )


@lru_cache(SERVICES_MAX)
def _redactor(policy: PrivacyPolicy, signal: str, service: str) -> Redactor:
    return Redactor(policy, signal=signal, service=service)
