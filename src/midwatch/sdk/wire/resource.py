"""Who sends: `Resource` and `InstrumentationScope`, and the request that holds them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from midwatch.sdk.wire.attributes import key_value
from midwatch.sdk.wire.protobuf import LENGTH, delimited, tag, text

_RESOURCE, _SCOPE = tag(1, LENGTH), tag(1, LENGTH)
_ATTRIBUTE, _SCOPE_NAME, _SCOPE_VERSION, _SCOPE_ATTRIBUTE = (
    tag(1, LENGTH),
    tag(1, LENGTH),
    tag(2, LENGTH),
    tag(3, LENGTH),
)
_OF_REQUEST = tag(1, LENGTH)


def resource(attributes: Mapping[str, Any]) -> bytes:
    """The first field of `ResourceSpans`, `ResourceLogs` and `ResourceMetrics`."""
    pairs = (delimited(_ATTRIBUTE, key_value(key, value)) for key, value in attributes.items())
    return delimited(_RESOURCE, b"".join(pairs))


@lru_cache(maxsize=256)
def in_scope(scope: InstrumentationScope | None) -> bytes:
    """The first field of `ScopeSpans`, `ScopeLogs` and `ScopeMetrics`; nothing for no scope."""
    if scope is None:
        return b""
    body = delimited(_SCOPE_NAME, text(scope.name))
    if scope.version:
        body += delimited(_SCOPE_VERSION, text(scope.version))
    for key, value in (scope.attributes or {}).items():
        body += delimited(_SCOPE_ATTRIBUTE, key_value(key, value))
    return delimited(_SCOPE, body)


def request(of_resource: bytes) -> bytes:
    """An `Export…ServiceRequest` with what one resource sends."""
    return delimited(_OF_REQUEST, of_resource)
