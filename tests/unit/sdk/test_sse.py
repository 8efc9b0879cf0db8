"""How a frame of server-sent events is written, and read again by the rules of the specification."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.sdk.context import work
from midwatch.sdk.sse import sse_frame


def read(frames: str) -> list[dict[str, Any]]:
    """WHATWG HTML, section 9.2.6; fields that it does not know are kept under their names."""
    found: list[dict[str, Any]] = []
    fields: dict[str, Any] = {}
    for line in frames.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if fields:
                found.append(fields)
            fields = {}
        elif name == "data":
            fields["data"] = f"{fields['data']}\n{value}" if "data" in fields else value
        else:
            fields[name] = value
    return found


def test_ids_are_in_the_data_where_it_is_a_mapping() -> None:
    with work("order-77"):
        (frame,) = read(sse_frame({"step": 1}, event="progress", event_id="7", retry_seconds=2.5))
    assert (frame["event"], frame["id"], frame["retry"]) == ("progress", "7", "2500")
    assert json.loads(frame["data"]) == {"step": 1, "ids": {"x-correlation-id": "order-77"}}


def test_ids_of_other_data_are_fields_that_browsers_pass_over() -> None:
    with work("order-77"):
        assert read(sse_frame("hello")) == [{"x-correlation-id": "order-77", "data": "hello"}]
        assert read(sse_frame([1, 2])) == [{"x-correlation-id": "order-77", "data": "[1,2]"}]


def test_ids_that_the_app_gives_stay() -> None:
    with work("order-77"):
        assert json.loads(read(sse_frame({"ids": [1, 2]}))[0]["data"]) == {"ids": [1, 2]}


LOOP: dict[str, object] = {}
LOOP["loop"] = LOOP


@pytest.mark.parametrize(
    "value",
    [object(), 1 << 70, "\ud800", {1, 2}, {(1, 2): 3}, LOOP],
    ids=["object", "large", "half pair", "set", "keys", "loop"],
)
def test_what_is_no_json_is_sent_as_text(value: object) -> None:
    (frame,) = read(sse_frame({"value": value}))
    assert "value" in json.loads(frame["data"])
    assert read(sse_frame(value if not isinstance(value, str) else [value])) != []


_WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@given(_WORDS, _WORDS, _WORDS)
def test_nothing_in_an_event_begins_another(data: str, event: str, event_id: str) -> None:
    """Line ends of the data are kept, those of its type and id are not."""
    frames = read(sse_frame(data, event=event, event_id=event_id))
    assert len(frames) == 1
    assert frames[0]["data"] == data.replace("\r\n", "\n").replace("\r", "\n")
    assert set(frames[0]) <= {"data", "event", "id"}
