"""What is remarked on a story, and what is not."""

from typing import Any

import pytest
from tests.unit.query.story.making import SECOND_NS, line

from midwatch.server.query.story.deliveries import Delivery, delivery_of
from midwatch.server.query.story.lines import Line
from midwatch.server.query.story.remarks import REMARKS_MAX, remarks

NOW = 3600


def said(*lines: Line, now: float = NOW) -> list[tuple[str, str, str]]:
    return [(one.kind, one.weight.value, one.text) for one in remarks(lines, int(now * SECOND_NS))]


def state(at: float, of: str, from_: str, to: str) -> Line:
    kind, _, entity = of.partition(":")
    facts = {"entity.type": kind, "entity.id": entity, "state.from": from_, "state.to": to, "event.id": f"e{at}"}
    return line(at, "state.transition", "event", entity=of, facts=facts)


def job(at: float, attempt: int = 1, **more: Any) -> Line:
    facts = {"job.attempt": str(attempt), "job.name": "send"}
    return line(at, "job send", "job", "worker", job="7", trace="t", facts=facts, took=1, **more)


def call(at: float, parent: str = "p", **more: Any) -> Line:
    return line(at, "POST /sms", "span", trace="t", span_kind="client", parent_span_id=parent, took=1, **more)


STORIES: dict[str, tuple[list[Line], list[tuple[str, str, str]]]] = {
    "nothing": ([], []),
    "a good run": ([line(0), job(1), line(3, "sms.delivered", "message", message="m")], []),
    "a failure told by record and error is one": (
        [
            line(0, "sending failed", trace="t", span_id="s", failed=True),
            line(0, "TimeoutError: no answer", "error", trace="t", span_id="s", failed=True, detail="in send"),
        ],
        [("failure", "bad", "TimeoutError: no answer failed in shop: in send")],
    ),
    "two spans that fail alike are told once": (
        [line(at, "GET", "span", trace="t", span_id=str(at), failed=True, span_kind="server") for at in (0, 1)],
        [
            ("failure", "bad", "GET failed 2 times in shop"),
            ("retry", "bad", "GET of shop was tried 2 times and failed at last"),
        ],
    ),
    "a job that never began": (
        [line(0, "queued", job="7")],
        [("unfinished", "warning", "job 7 was pending for 1 h by now")],
    ),
    "a job that began and was heard of no more": (
        [line(0, "job started", job="7")],
        [("unfinished", "warning", "job 7 ran for 1 h by now")],
    ),
    "a job that is told only by its lines and ended": (
        [line(0, "job started", job="7"), line(1, "job completed", job="7")],
        [],
    ),
    "a gap while a job was pending": (
        [line(0, "queued", job="7"), job(240)],
        [("gap", "warning", "nothing was told for 4 min while job 7 was pending")],
    ),
    "a gap in which nothing was open": ([line(0), line(600)], []),
    "no gap while a span goes on": ([line(0, "queued", "span", job="7", took=240), job(240)], []),
    "a message without a call-back": (
        [line(0, "sms.sent", "message", message="SM1")],
        [("unfinished", "warning", "message SM1 had no delivery call-back for 1 h by now")],
    ),
    "a message that came in": ([line(0, "message taken", "message", message="SM0")], []),
    "a message that was sent a moment ago": ([line(NOW - 5, "sms.sent", "message", message="SM1")], []),
    "a message that was refused": (
        [line(0, "sms.sent", "message", message="SM1"), line(1, "sms.undelivered", "message", message="SM1")],
        [("failure", "bad", "sms.undelivered says that a message did not arrive, in shop")],
    ),
    "a call-back that came twice": (
        [
            line(0, "sms.sent", "message", message="SM1", trace="a"),
            line(1, "sms.delivered", "message", "hook", message="SM1", trace="b"),
            line(2, "sms.delivered", "message", "hook", message="SM1", trace="c"),
        ],
        [("duplicate", "warning", "sms.delivered of message SM1 came twice")],
    ),
    "two lines of one call-back": (
        [
            line(1, "sms.delivered", "message", "hook", message="SM1", trace="b"),
            line(2, "sms.delivered", "message", "hook", message="SM1", trace="b"),
        ],
        [],
    ),
    "two messages for one key": (
        [
            line(at, "sms.delivered", "message", message=f"SM{at}", trace=str(at), facts={"idempotency_key": "k"})
            for at in (1, 2)
        ],
        [("duplicate", "warning", "messages SM1, SM2 were sent for one idempotency key")],
    ),
    "an event that was told again": (
        [line(at, "paid", "event", facts={"event.id": "e"}) for at in (1, 2)],
        [("duplicate", "warning", "event paid was told twice")],
    ),
    "a job that was done twice": (
        [job(0), job(5)],
        [("duplicate", "warning", "job 7 was done twice")],
    ),
    "a job that was tried again": (
        [job(0, 1, failed=True, span_id="a"), job(5, 2)],
        [
            ("failure", "bad", "job send failed in worker"),
            ("retry", "note", "job send of worker was tried 2 times and succeeded at attempt 2"),
        ],
    ),
    "a call that was made again and failed": (
        [call(0, failed=True, span_id="a"), call(2, failed=True, span_id="b")],
        [
            ("failure", "bad", "POST /sms failed 2 times in shop"),
            ("retry", "bad", "POST /sms of shop was tried 2 times and failed at last"),
        ],
    ),
    "a call that others made beside one that failed": (
        [call(0, failed=True, span_id="a"), call(2, parent="q")],
        [("failure", "bad", "POST /sms failed in shop")],
    ),
    "a state that nobody left": (
        [state(0, "linkup:42", "draft", "broadcasting")],
        [("unfinished", "warning", "linkup 42 was broadcasting for 1 h by now")],
    ),
    "a state that was left": (
        [state(0, "linkup:42", "draft", "broadcasting"), state(5, "linkup:42", "broadcasting", "locked")],
        [],
    ),
    "a service without the correlation id": (
        [line(0, correlation="c", trace="t"), line(1, "GET", "span", "old", trace="t")],
        [
            (
                "correlation",
                "note",
                "old does not say the correlation id: its lines without a trace are not part of this",
            )
        ],
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_remarked_on(name: str) -> None:
    lines, expected = STORIES[name]
    assert said(*lines) == expected


def test_the_gravest_come_first_and_not_more_than_one_reads() -> None:
    """A story of a thousand failures has fifty remarks."""
    lines = [line(0, "sms.sent", "message", message="m")]
    lines += [line(at, f"failure {at}", failed=True) for at in range(100)]
    found = said(*lines)
    assert len(found) == REMARKS_MAX
    assert found[0][1] == "bad"


@pytest.mark.parametrize(
    ("title", "facts", "expected"),
    [
        ("sms.delivered", {}, Delivery.ARRIVED),
        ("message_bounced", {}, Delivery.REFUSED),
        ("call-back", {"message.status": "Undelivered"}, Delivery.REFUSED),
        ("sms.sent", {"delivery_status": "delivered"}, Delivery.ARRIVED),
        ("sms queued", {}, Delivery.ON_ITS_WAY),
        ("hello", {}, Delivery.UNKNOWN),
    ],
)
def test_how_a_message_stands(title: str, facts: dict[str, str], expected: Delivery) -> None:
    """By a field before the name of what happened."""
    assert delivery_of(line(0, title, message="m", facts=facts)) is expected
