"""Events of any shape become events of one shape, within bounds."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.issues.events import RECEIVED_NS, exception, frame, normal, sent

from midwatch.server.issues.digest.lightening import lighten, place_of
from midwatch.server.issues.events.agents import put_contexts
from midwatch.server.issues.events.facts import facts_of
from midwatch.server.issues.events.normal import BREADCRUMBS_MAX, FRAMES_MAX, exceptions_of, frames_of, normal_event
from midwatch.server.issues.filters import filtered
from midwatch.server.issues.grouping import grouping_of
from midwatch.server.issues.rules import ErrorRules, Filters
from midwatch.server.privacy.error_events import scrub
from midwatch.server.privacy.scrubber import scrubber

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    *(
        "exception",
        "stacktrace",
        "threads",
        "message",
        "logentry",
        "breadcrumbs",
        "user",
        "tags",
        "fingerprint",
        "level",
    ),
    *("request", "contexts", "extra", "timestamp", "platform", "release", "debug_meta", "errors", "event_id", "sdk"),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8))
def test_nothing_that_is_json_breaks_the_digest(event: dict[str, Any]) -> None:
    """Whatever a sender puts into an event's fields, it becomes an event with a group."""
    place_of(event)
    lighten(json.loads(json.dumps(event)))
    found = normal_event(event, RECEIVED_NS, "c" * 32)
    put_contexts(found)
    assert isinstance(filtered(found, Filters(localhost=True)), str)
    grouping = grouping_of(found, ErrorRules())
    scrub(found, scrubber(ErrorRules().privacy))
    facts = facts_of(found, ErrorRules(), "key")
    assert len(grouping.hash) == 32
    assert facts.title
    json.dumps(found)


@pytest.mark.parametrize(
    ("stamp", "seconds", "told"),
    [
        (RECEIVED_NS / 1e9 - 5, -5, ""),
        ("2026-11-27T16:00:00Z", None, ""),
        (RECEIVED_NS / 1e6, 0, ""),
        (RECEIVED_NS / 1e9 - 10 * 365 * 86_400, 0, "past_timestamp"),
        (RECEIVED_NS / 1e9 + 10 * 365 * 86_400, 0, "future_timestamp"),
        ("yesterday", 0, "invalid_data"),
        (None, 0, ""),
        (True, 0, ""),
    ],
)
def test_times_that_cannot_be_are_when_the_event_came(stamp: Any, seconds: float | None, told: str) -> None:
    """Ten years off is no reason to lose an event; the event says that its time is not its own."""
    found = normal(timestamp=stamp)
    if seconds is not None:
        assert abs(found["timestamp"] - (RECEIVED_NS / 1e9 + seconds)) < 0.001
    assert [one["type"] for one in found.get("errors", [])] == ([told] if told else [])


def test_what_is_too_long_is_cut_and_the_ends_of_a_stack_stay() -> None:
    frames = [frame(f"f{number}") for number in range(2 * FRAMES_MAX)]
    crumbs = [{"message": str(number)} for number in range(3 * BREADCRUMBS_MAX)]
    found = normal(
        exception={"values": [exception(frames=frames)]}, breadcrumbs={"values": crumbs}, extra={"x": "y" * 99_999}
    )
    kept = [one["function"] for one in frames_of(exceptions_of(found)[0])]
    assert len(kept) == FRAMES_MAX
    assert (kept[0], kept[-1]) == ("f0", f"f{2 * FRAMES_MAX - 1}")
    assert found["breadcrumbs"]["values"][-1]["message"] == str(3 * BREADCRUMBS_MAX - 1)
    assert len(found["extra"]["x"]) < 10_000


def test_deep_contexts_end_somewhere() -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(900):
        inner["next"] = {}
        inner = inner["next"]
    assert "[too deep]" in json.dumps(normal(contexts={"deep": deep})["contexts"])


@pytest.mark.parametrize(
    ("shape", "formatted"),
    [
        ({"message": "plain"}, "plain"),
        ({"logentry": {"message": "user %s", "params": ["7"], "formatted": "user 7"}}, "user 7"),
        ({"logentry": "text"}, "text"),
        ({"message": {"message": "template"}}, "template"),
    ],
)
def test_messages_of_every_shape(shape: dict[str, Any], formatted: str) -> None:
    found = normal_event({"event_id": "a" * 32, **shape}, RECEIVED_NS, "")
    assert found["logentry"]["formatted"] == formatted


def test_tags_and_headers_may_be_lists_of_pairs() -> None:
    found = normal(
        tags=[["a", 1], ["b", True], ["c", None]], request={"headers": [["User-Agent", "x"]], "url": "http://h/"}
    )
    assert found["tags"] == {"a": "1", "b": "true"}
    assert found["request"]["headers"] == {"User-Agent": "x"}


def test_exceptions_may_be_a_list_or_one() -> None:
    for shape in ([exception()], {"values": [exception()]}, exception()):
        assert len(exceptions_of(normal(exception=shape))) == 1


def test_a_lightened_event_keeps_its_group() -> None:
    """An event of a flood is counted where its whole siblings are."""
    whole = sent(
        extra={"a": 1}, breadcrumbs=[{"message": "x"}], contexts={"trace": {"trace_id": "a" * 32}, "x": {"y": 1}}
    )
    whole["exception"]["values"][0]["stacktrace"]["frames"][0]["vars"] = {"a": "1"}
    light = json.loads(json.dumps(whole))
    lighten(light)
    assert "extra" not in light
    assert "vars" not in json.dumps(light)
    rules = ErrorRules()
    hashes = {grouping_of(normal_event(one, RECEIVED_NS, ""), rules).hash for one in (whole, light)}
    assert len(hashes) == 1
