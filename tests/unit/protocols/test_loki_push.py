"""Loki's labels as text, and its JSON as protobuf."""

import json
from typing import Any

import pytest

from midwatch.server.protocols.loki.labels import LABELS_MAX, BadLabels, canonical, parsed
from midwatch.server.protocols.loki.messages import BadPush, PushRequest, checked
from midwatch.server.protocols.loki.push_json import to_message


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('{a="b"}', {"a": "b"}),
        ('{ a = "b" , c="d",}', {"a": "b", "c": "d"}),
        ('{a="q\\"\\\\\\n\\u00e9"}', {"a": 'q"\\\né'}),
        ("{a=`raw \\n`}", {"a": "raw \\n"}),
        ('{a="\\x41\\101\\a\\v\\U0001F600"}', {"a": "AA\a\v😀"}),
        ('{a="\\xff"}', {"a": "\ufffd"}),
        ('{a="x}y,z=1"}', {"a": "x}y,z=1"}),
    ],
)
def test_labels(text: str, labels: dict[str, str]) -> None:
    """Go's quotes and escapes; what is written in the one way reads the same again."""
    assert parsed(text) == labels
    assert parsed(canonical(text)) == labels
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: expected {"),
        ("{}", "at least one label pair"),
        ('{a="b"', '1:7: expected name="value", or }'),
        ('{a="b" c="d"}', "1:8"),
        ('{a="b", a="c"}', "1:9: duplicate label a"),
        ('{1a="b"}', "1:2"),
        ('{a="\\q"}', "1:4"),
        ("{" + ",".join(f'l{n}="x"' for n in range(LABELS_MAX + 1)) + "}", f"expected at most {LABELS_MAX}"),
    ],
)
def test_bad_labels(text: str, said: str) -> None:
    """As Loki words it, with the place."""
    with pytest.raises(BadLabels) as refused:
        canonical(text)
    assert said in str(refused.value)


def test_protobuf_goes_on_as_it_came() -> None:
    """Unless labels have to be written anew."""
    request = PushRequest()
    request.streams.add(labels='{a="b"}').entries.add(line="x")
    assert checked(request.SerializeToString()) == (None, 1)
    request.streams[0].labels = '{b="1",a="2"}'
    content, entries = checked(request.SerializeToString())
    assert content is not None
    assert (PushRequest.FromString(content).streams[0].labels, entries) == ('{a="2", b="1"}', 1)


def test_json_becomes_protobuf() -> None:
    """Labels, nanoseconds and structured metadata."""
    body = {"streams": [{"stream": {"b": 'q"', "a": "x"}, "values": [["1700000000000000001", "hi", {"k": "v"}]]}]}
    content, entries = to_message(json.dumps(body).encode())
    stream = PushRequest.FromString(content).streams[0]
    entry = stream.entries[0]
    assert (stream.labels, entries) == ('{a="x", b="q\\""}', 1)
    assert (entry.timestamp.seconds, entry.timestamp.nanos, entry.line) == (1_700_000_000, 1, "hi")
    assert [(pair.name, pair.value) for pair in entry.structured_metadata] == [("k", "v")]


@pytest.mark.parametrize("streams", [None, 5, [5], [{"stream": []}], [{"stream": {"a": "b"}, "values": 5}]])
def test_json_of_another_shape(streams: Any) -> None:
    """Refused, and never an error of ours."""
    with pytest.raises(BadPush):
        to_message(json.dumps({"streams": streams}).encode())
