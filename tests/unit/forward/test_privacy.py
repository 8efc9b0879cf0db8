"""Private values out of messages: what is told from the bytes alone, and what is done to the message."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from midwatch.contract.privacy import DEFAULT_DENYLIST
from midwatch.server.forward.privacy import Denied
from tests.bodies import span, traces

DENIED = Denied(DEFAULT_DENYLIST)
KEYS = st.sampled_from(
    ["password", "apiKey", "x-api-key[0]", "to\u212aen", "plain", "é.token", "a" * 300 + ".secret", "tokens", "OTP 7"]
) | st.text(max_size=20)
VALUES = st.recursive(
    st.text(max_size=9) | st.integers(-9, 9) | st.booleans(),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_bytes_never_hide_a_private_key(values: dict[str, Any]) -> None:
    """A message that the walk finds something in is one that the bytes made suspect; once walked it finds all again."""
    message = traces("api", [span(attributes=values)])
    suspect = DENIED.maybe(message.SerializeToString())
    removed = DENIED.remove(message)
    assert suspect or not removed
    once = message.SerializeToString()
    assert DENIED.remove(message) == removed
    assert message.SerializeToString() == once


@pytest.mark.parametrize("key", ["tokens", "author", "monkey", "signal", "gen_ai.usage.input_tokens"])
def test_harmless_keys_cost_no_walk(key: str) -> None:
    """Words that only begin like private ones are told apart by the bytes alone."""
    assert not DENIED.maybe(traces("api", [span(attributes={key: "value"})]).SerializeToString())


def test_value_before_key_is_no_way_around() -> None:
    """However a sender orders the fields, what is looked at is what protobuf makes of them."""
    pair = b"\x12\x08\x0a\x06hunter" + b"\x0a\x08password"
    attribute = b"\x4a" + bytes([len(pair)]) + pair
    scope = b"\x12" + bytes([len(attribute)]) + attribute
    resource = b"\x12" + bytes([len(scope)]) + scope
    message = ExportTraceServiceRequest.FromString(b"\x0a" + bytes([len(resource)]) + resource)
    assert DENIED.maybe(message.SerializeToString())
    assert DENIED.remove(message) == 1
    assert b"hunter" not in message.SerializeToString()
