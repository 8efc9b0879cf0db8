"""Loki's push request (loki `pkg/push/push.proto`, package logproto), and what of it can be checked at the door.

message PushRequest { repeated StreamAdapter streams = 1; }
message StreamAdapter { string labels = 1; repeated EntryAdapter entries = 2; uint64 hash = 3; }
message EntryAdapter { google.protobuf.Timestamp timestamp = 1; string line = 2;
                       repeated LabelPairAdapter structuredMetadata = 3; }
message LabelPairAdapter { string name = 1; string value = 2; }
"""

from typing import Any

from google.protobuf import descriptor_pool, message_factory, timestamp_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from midwatch.server.protocols.loki.labels import BadLabels, canonical

_STRING, _UINT64, _MESSAGE = (
    FieldDescriptorProto.TYPE_STRING,
    FieldDescriptorProto.TYPE_UINT64,
    FieldDescriptorProto.TYPE_MESSAGE,
)
_ONE, _MANY = FieldDescriptorProto.LABEL_OPTIONAL, FieldDescriptorProto.LABEL_REPEATED
_MESSAGES: dict[str, list[dict[str, Any]]] = {
    "LabelPairAdapter": [
        {"name": "name", "number": 1, "type": _STRING, "label": _ONE},
        {"name": "value", "number": 2, "type": _STRING, "label": _ONE},
    ],
    "EntryAdapter": [
        {"name": "timestamp", "number": 1, "type": _MESSAGE, "label": _ONE, "type_name": ".google.protobuf.Timestamp"},
        {"name": "line", "number": 2, "type": _STRING, "label": _ONE},
        {"name": "structured_metadata", "number": 3, "type": _MESSAGE, "label": _MANY, "type_name": "LabelPairAdapter"},
    ],
    "StreamAdapter": [
        {"name": "labels", "number": 1, "type": _STRING, "label": _ONE},
        {"name": "entries", "number": 2, "type": _MESSAGE, "label": _MANY, "type_name": "EntryAdapter"},
        {"name": "hash", "number": 3, "type": _UINT64, "label": _ONE},
    ],
    "PushRequest": [
        {"name": "streams", "number": 1, "type": _MESSAGE, "label": _MANY, "type_name": "StreamAdapter"},
    ],
}


class BadPush(Exception):
    """The bytes are no push request, or a stream's labels cannot be read; the message says which."""


def _push_request() -> type[Message]:
    """The class of the message, made here: its four types need no generated file.

    A pool of its own, so that an app in the same process that has Loki's generated files gets no conflict.
    """
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    file = FileDescriptorProto(name="logproto.proto", package="logproto", syntax="proto3")
    file.dependency.append(timestamp_pb2.DESCRIPTOR.name)
    for name, fields in _MESSAGES.items():
        described = file.message_type.add(name=name)
        for field in fields:
            described.field.add(**field)
    pool.AddSerializedFile(file.SerializeToString())
    found: type[Message] = message_factory.GetMessageClass(pool.FindMessageTypeByName("logproto.PushRequest"))
    return found


PushRequest: Any = _push_request()


def checked(body: bytes) -> tuple[bytes | None, int]:
    """A request's bytes as they go into the log (None: as they came), and its entries' number.

    Of a stream only its labels become a Python object, and they are read once as long as the same ones come again.

    Raises:
        BadPush: damaged, invalid UTF-8, another message, or labels that cannot be read.
    """
    request = PushRequest()
    try:
        request.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadPush(f"expected protobuf logproto.PushRequest, text in UTF-8: {error}") from None
    if not request.streams and len(UnknownFieldSet(request)):
        raise BadPush("expected protobuf logproto.PushRequest: none of its fields is there")
    changed = normalise(request)
    entries = sum(len(stream.entries) for stream in request.streams)
    return (request.SerializeToString() if changed else None), entries


def normalise(request: Any) -> bool:
    """Write each stream's labels in the one way that the store reads; whether any had to change.

    Raises:
        BadPush: labels that cannot be read.
    """
    changed = False
    for stream in request.streams:
        try:
            written = canonical(stream.labels)
        except BadLabels as error:
            raise BadPush(str(error)) from None
        if written != stream.labels:
            stream.labels = written
            changed = True
    return changed
