"""What ids lead to, and where following them ends."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.unit.query.story.making import line

from midwatch.server.model.story_id import IdKind, StoryId, as_trace_id, ids_of
from midwatch.server.query.story import following
from midwatch.server.query.story.asking import Asked
from midwatch.server.query.story.following import Followed, Follower
from midwatch.server.query.story.lines import Line
from midwatch.server.query.story.places import PLACES_MAX, Places


class Stored:
    """Lines in memory, found as the store finds them: an index of ids, and sources that read whole traces."""

    name = "lines"

    def __init__(self, *lines: Line) -> None:
        self.all = lines
        self.asked: list[Asked] = []

    async def rows(self, sql: str, params: Any = None) -> list[dict[str, Any]]:
        if "FROM trace_index" in sql:
            return [_row("trace", one, one) for one in params["traces"] if any(at.trace_id == one for at in self.all)]
        if "FROM id_index" not in sql:
            return []
        found = {
            (id_.kind.value, id_.value, at.trace_id): _row(*id_, at.trace_id)
            for at in self.all
            for id_ in at.ids
            if id_.value in params["values"] and id_.kind is not IdKind.TRACE
        }
        return [*found.values()]

    async def lines(self, asked: Asked) -> list[Line]:
        self.asked.append(asked)
        return [
            at
            for at in self.all
            if at.trace_id in asked.traces or (not at.trace_id and not {*at.ids}.isdisjoint(asked.ids))
        ][: asked.limit]


def _row(kind: str, value: str, trace: str) -> dict[str, Any]:
    return {"Kind": kind, "Id": value, "TraceId": trace, "low": 10**18, "high": 10**18}


async def followed(*lines: Line, seeds: Sequence[StoryId] = (StoryId(IdKind.CORRELATION, "c"),)) -> Followed:
    stored = Stored(*lines)
    return await Follower(Places(stored), [stored]).follow(1, (), seeds, None)  # type: ignore[arg-type]


CHAIN = (
    line(0, "request", correlation="c", trace="t1"),
    line(1, "queued", correlation="c", job="j", trace="t1"),
    line(2, "sms.sent", job="j", message="m", trace="t2"),
    line(3, "sms.delivered", message="m", correlation="other", trace="t3"),
    line(4, "no trace", correlation="other", user="u"),
    line(5, "of somebody else", user="u", trace="t9"),
)


async def test_ids_lead_on_from_line_to_line_and_each_says_by_which() -> None:
    """Request → job → message → call-back → its correlation id; a user is told of and not followed."""
    told = await followed(*CHAIN)
    assert [one.title for one in told.lines.values()] == [one.title for one in CHAIN[:-1]]
    by = {str(one.id): (str(one.via), one.line.title) for one in told.links.values()}
    assert by == {
        "trace t1": ("correlation c", "request"),
        "job j": ("correlation c", "queued"),
        "trace t2": ("job j", "sms.sent"),
        "message m": ("job j", "sms.sent"),
        "trace t3": ("message m", "sms.delivered"),
        "correlation other": ("message m", "sms.delivered"),
        "user u": ("correlation other", "no trace"),
    }
    assert told.cut == []


async def test_who_asks_for_a_user_gets_what_each_of_their_traces_led_to() -> None:
    """A seed is followed whatever its kind."""
    told = await followed(*CHAIN, seeds=[StoryId(IdKind.USER, "u")])
    assert len(told.lines) == len(CHAIN)


async def test_an_id_that_nobody_has() -> None:
    """Nothing is read."""
    told = await followed(*CHAIN, seeds=[StoryId(IdKind.JOB, "nobody")])
    assert (told.lines, told.found, told.links) == ({}, set(), {})


async def test_a_trace_is_read_once() -> None:
    """Ids that lead back to what was read ask nothing more."""
    stored = Stored(*(line(at, correlation="c", request="r", job="j", trace="t") for at in range(3)))
    seeds = [StoryId(IdKind.CORRELATION, "c")]
    await Follower(Places(stored), [stored]).follow(1, (), seeds, None)  # type: ignore[arg-type]
    assert [one.traces for one in stored.asked] == [("t",)]


@pytest.mark.parametrize(
    ("bound", "most", "lines", "reason"),
    [
        ("ROUNDS_MAX", 2, CHAIN, "rounds"),
        ("TRACES_MAX", 1, [line(at, correlation="c", trace=f"t{at}") for at in range(3)], "more than 1 traces"),
        ("IDS_MAX", 2, [line(at, correlation="c", job=f"j{at}", trace="t") for at in range(5)], "more than 2 ids"),
        ("LINES_MAX", 3, [line(at, correlation="c", trace="t") for at in range(5)], "more than 3 lines"),
    ],
)
async def test_every_bound_is_told(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int, lines: Sequence[Line], reason: str
) -> None:
    """A story without an end is cut, and says why."""
    monkeypatch.setattr(following, bound, most)
    told = await followed(*lines)
    assert any(reason in one for one in told.cut), told.cut
    assert told.lines


async def test_of_an_id_with_very_many_traces_the_newest_are_read() -> None:
    told = await followed(*(line(at, correlation="c", trace=f"t{at}") for at in range(PLACES_MAX + 1)))
    assert any(f"more than {PLACES_MAX} traces" in one for one in told.cut)


def test_which_attributes_are_ids() -> None:
    """Under all names that teams have for them; what was private and taken out, and technical numbers, are none."""
    attributes = {
        "correlationId": "c",
        "job.id": "1",
        "messaging.message.id": "2",
        "message_sid": "SM1",
        "linkup_id": "42",
        "entity.type": "invite",
        "entity.id": "9",
        "user_id": "[removed]",
        "thread_id": "77",
        "$device_id": "d",
        "cloud.account_id": "a",
        "path": "/",
        "session.id": "s" * 300,
    }
    assert [str(one) for one in ids_of(attributes)] == [
        "correlation c",
        "job 1",
        "job 2",
        "message SM1",
        "entity linkup:42",
        "entity invite:9",
    ]


@pytest.mark.parametrize(
    ("text", "trace"),
    [
        ("0AF7651916CD43DD8448EB211C80319C", "0af7651916cd43dd8448eb211c80319c"),
        ("0af76519-16cd-43dd-8448-eb211c80319c", "0af7651916cd43dd8448eb211c80319c"),
        ("linkup:42", ""),
        ("z" * 32, ""),
    ],
)
def test_what_can_be_a_trace_id(text: str, trace: str) -> None:
    assert as_trace_id(text) == trace
