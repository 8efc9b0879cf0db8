"""Private values out of protobuf messages, as out of the store's rows."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_rules import FieldRule, PrivacyPolicy
from midwatch.server.model.signal import Signal
from midwatch.server.privacy.messages import clean
from midwatch.server.protocols.loki.messages import PushRequest
from midwatch.server.protocols.prometheus.messages import VERSION_1
from tests.bodies import logs, span, traces

POLICY = PrivacyPolicy(statements=False)
KEYS = st.sampled_from(["password", "apiKey", "plain", "é.token", "a" * 300 + ".secret", "OTP 7"]) | st.text(
    max_size=20
)
VALUES = st.recursive(
    st.text(max_size=9) | st.integers(-9, 9) | st.booleans() | st.binary(max_size=5),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_what_is_clean_stays_as_it_is(values: dict[str, Any]) -> None:
    """Whatever is in it; and cleaning once is enough."""
    message = traces("api", [span(attributes=values)])
    clean(message, POLICY, Signal.TRACES)
    once = message.SerializeToString()
    clean(message, POLICY, Signal.TRACES)
    assert message.SerializeToString() == once
    off = traces("api", [span(attributes=values)])
    sent = off.SerializeToString()
    clean(off, PrivacyPolicy(is_on=False), Signal.TRACES)
    assert off.SerializeToString() == sent


def test_every_text_is_looked_at() -> None:
    """Names, messages, states, keys and values of every type; numbers and ids stay."""
    mail = "ann@leak.example"
    one = span(
        name=f"to {mail}",
        trace_state=f"a={mail}",
        attributes={mail: 1, "list": [mail, 5102389123], "bytes": mail.encode(), "map": {"deep": mail, "token": "q"}},
    )
    one.status.message = mail
    told = one.events.add(name=mail)
    told.attributes.add(key="note").value.string_value = mail
    one.links.add(trace_state=mail).attributes.add(key="note").value.string_value = mail
    message = traces(mail, [one], note=mail)
    scope = message.resource_spans[0].scope_spans[0].scope
    scope.name, scope.version = mail, mail
    trace_id = one.trace_id
    clean(message, POLICY, Signal.TRACES)
    written = message.SerializeToString()
    assert b"ann@" not in written
    assert trace_id in written
    (left,) = message.resource_spans[0].scope_spans[0].spans
    by_key = {pair.key: pair.value for pair in left.attributes}
    assert by_key["[email]"].int_value == 1
    assert by_key["list"].array_value.values[1].int_value == 5102389123
    assert by_key["bytes"].bytes_value == b"[email]"
    assert {pair.key: pair.value.string_value for pair in by_key["map"].kvlist_value.values} == {
        "deep": "[email]",
        "token": "[removed]",
    }


def test_rules_of_a_service_hold_below_its_resource() -> None:
    rules = (
        FieldRule("note", Action("drop"), signals=("logs",), services=("billing",)),
        FieldRule("items[].name", Action("mask")),
    )
    for service, left in (("billing", {"items"}), ("web", {"note", "items"})):
        message = logs(service, [{"body": {"items": [{"name": "ab"}]}, "attributes": {"note": "x", "items": "y"}}])
        clean(message, PrivacyPolicy(rules=rules), Signal.LOGS)
        (record,) = message.resource_logs[0].scope_logs[0].log_records
        assert {pair.key for pair in record.attributes} == left
        assert b"**" in record.body.SerializeToString()


def test_labels_of_series_and_streams() -> None:
    series = VERSION_1.request()
    one = series.timeseries.add()
    for name, value in (("__name__", "up"), ("password", "hunter2"), ("who", "ann@leak.example")):
        one.labels.add(name=name, value=value)
    clean(series, POLICY, Signal.METRICS)
    assert [label.value for label in one.labels] == ["up", "[removed]", "[email]"]
    pushed = PushRequest()
    stream = pushed.streams.add(labels='{job="a", who="ann@leak.example", password="hunter2"}')
    entry = stream.entries.add(line="call +14155552671")
    entry.structured_metadata.add(name="secret", value="q1w2")
    clean(pushed, POLICY, Signal.LOGS)
    assert (stream.labels, entry.line) == ('{job="a", password="[removed]", who="[email]"}', "call [phone]")
    assert entry.structured_metadata[0].value == "[removed]"


def test_value_before_key_is_no_way_around() -> None:
    """However a sender orders the fields, what is looked at is what protobuf makes of them."""
    pair = b"\x12\x08\x0a\x06hunter" + b"\x0a\x08password"
    attribute = b"\x4a" + bytes([len(pair)]) + pair
    scope = b"\x12" + bytes([len(attribute)]) + attribute
    resource = b"\x12" + bytes([len(scope)]) + scope
    message = ExportTraceServiceRequest.FromString(b"\x0a" + bytes([len(resource)]) + resource)
    clean(message, POLICY, Signal.TRACES)
    assert b"hunter" not in message.SerializeToString()
