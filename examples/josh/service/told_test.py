"""What the service tells, tested as a part of it: `pytest told_test.py`, in a schema of its own."""

from collections.abc import Iterator

import httpx
import inbound
import intents
import outbound
import profiles
import pytest
import tables
from sqlalchemy import select

pytest_plugins = ["midwatch.testing.pytest_plugin"]
NUMBER = "+12025550177"


@pytest.fixture(autouse=True)
def _empty_tables() -> Iterator[None]:
    tables.create()
    yield
    tables.Base.metadata.drop_all(tables.engine)


def active_user() -> int:
    user_id = profiles.register(NUMBER, "nyc")
    with tables.transaction("test") as session:
        session.get_one(tables.User, user_id).state = "active"
    return user_id


def test_a_message_is_told_with_all_keys_and_one_correlation_id(seen) -> None:
    user_id = active_user()
    routed = inbound.received("SM1", NUMBER, "what I write is mine")
    assert (routed.handler, routed.user_id) == ("intent", user_id)
    seen.assert_line("llm.intent.request", level="info")
    seen.assert_line("sms.outbound.job_created", purpose="reply")
    seen.assert_keys("ts", "level", "event", "env")
    seen.assert_redacted(NUMBER, "what I write is mine")
    seen.assert_nothing_private()


def test_counters_count(seen) -> None:
    active_user()
    inbound.received("SM2", NUMBER, "hm")
    assert seen.metrics.change("llm_intent_calls_total") == 1
    assert seen.metrics.change("clarifiers_asked_total") == 1


def test_invalid_json_is_an_error_of_its_category(seen, monkeypatch) -> None:
    invalid = httpx.Response(
        200,
        json={
            "content": [],
            "model": intents.MODEL,
            "role": "assistant",
            "type": "message",
            "id": "m",
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
    )
    monkeypatch.setattr(intents.client._client, "send", lambda request, **_: _answering(invalid, request))
    assert intents.intent_of("hm") is None
    seen.assert_line("llm.intent.invalid_json", level="warning")
    seen.assert_line("llm.intent.fallback_clarifier", level="warning")
    (error,) = seen.errors
    assert (error.category, error.severity) == ("llm_intent", "warning")
    assert seen.metrics.change("llm_intent_failures_total", reason="invalid_json") == 1


def test_the_job_has_the_ids_of_who_asked_for_it() -> None:
    active_user()
    with tables.midwatch.work("the-story"):
        inbound.received("SM3", NUMBER, "hm")
    with tables.transaction("test") as session:
        job = session.scalars(select(tables.OutboundJob).where(tables.OutboundJob.purpose == "reply")).one()
    assert job.correlation_id == "the-story"
    assert job.carrier["x-correlation-id"] == "the-story"


def test_what_twilio_does_not_take_is_told_with_its_reason() -> None:
    assert outbound.SmsNotSent("21610").reason == "21610"


def _answering(answer: httpx.Response, request: httpx.Request) -> httpx.Response:
    answer.request = request
    return answer
