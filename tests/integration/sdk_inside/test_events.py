"""Events, changes of state, heartbeats and costs as they are sent."""

import asyncio
import json
import time

import pytest

import midwatch
from tests.integration.sdk_inside.test_jobs import counted
from tests.otlp_sink import OtlpSink


def test_an_event_is_a_line_and_a_record_with_its_name_and_id(
    sent: OtlpSink, capfd: pytest.CaptureFixture[str]
) -> None:
    with midwatch.work("c-1"):
        first = midwatch.event("linkup.locked", entity=("linkup", 42), seats=4, phone="+1 415 555 0132")
        midwatch.event("webhook.received", event_id="evt_1", level="warning")
    assert midwatch.flush()
    ((record, about),) = sent.events("linkup.locked")
    assert (about["event.id"], about["entity.type"], about["entity.id"]) == (first, "linkup", "42")
    assert (about["seats"], about["phone"], about["correlation_id"]) == (4, "[phone]", "c-1")
    assert record.severity_number == 9
    ((record, about),) = sent.events("webhook.received")
    assert (about["event.id"], record.severity_number) == ("evt_1", 13)
    shown = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["message"] for line in shown] == ["linkup.locked", "webhook.received"]


def test_changes_of_state_are_told_in_order_and_counted(sent: OtlpSink) -> None:
    def run() -> None:
        for before, after in (("created", "running"), ("running", "paused"), ("paused", "running")):
            midwatch.transition("session", "s-1", before, after, reason="idle")

    added = counted(sent, run)
    told = [
        (about["entity.type"], about["entity.id"], about["state.from"], about["state.to"])
        for _, about in sent.events("state.transition")
    ]
    assert told == [
        ("session", "s-1", "created", "running"),
        ("session", "s-1", "running", "paused"),
        ("session", "s-1", "paused", "running"),
    ]
    of_session = ("entity", "session")
    assert added("state_transitions_total") == {
        (of_session, ("from", "created"), ("to", "running")): 1,
        (of_session, ("from", "running"), ("to", "paused")): 1,
        (of_session, ("from", "paused"), ("to", "running")): 1,
    }


def test_a_heartbeat_is_sent_and_no_line(sent: OtlpSink, capfd: pytest.CaptureFixture[str]) -> None:
    def run() -> None:
        midwatch.heartbeat("reddit-poller", every_seconds=60, grace_seconds=30, found=7)

    started = time.time()
    added = counted(sent, run)
    assert added("heartbeats_total") == {(("heartbeat", "reddit-poller"), ("status", "ok")): 1}
    assert sent.series("heartbeat_timestamp_seconds")[(("heartbeat", "reddit-poller"),)] >= started
    ((_, about),) = sent.events("heartbeat")
    assert (about["heartbeat.name"], about["heartbeat.status"], about["found"]) == ("reddit-poller", "ok", 7)
    assert (about["heartbeat.every_seconds"], about["heartbeat.grace_seconds"]) == (60, 30)
    assert "reddit" not in capfd.readouterr().out


async def test_what_runs_by_a_schedule_checks_in(sent: OtlpSink) -> None:
    """Started and ended, with the schedule, under the ids of its job; what fails says so and raises."""

    @midwatch.cron("nightly", schedule="0 3 * * *", time_zone="Europe/Berlin", grace_seconds=300)
    async def nightly() -> str:
        await asyncio.sleep(0)
        return "done"

    @midwatch.cron("weekly", every_seconds=604800)
    def weekly() -> None:
        raise ValueError("no week")

    assert await nightly() == "done"
    with pytest.raises(ValueError, match="no week"):
        weekly()
    await asyncio.to_thread(midwatch.flush)
    told = [about for _, about in sent.events("heartbeat")]
    assert [(about["heartbeat.name"], about["heartbeat.status"]) for about in told] == [
        ("nightly", "started"),
        ("nightly", "ok"),
        ("weekly", "started"),
        ("weekly", "failed"),
    ]
    assert told[1]["heartbeat.schedule"] == "0 3 * * *"
    assert told[1]["heartbeat.time_zone"] == "Europe/Berlin"
    assert told[1]["heartbeat.duration_seconds"] >= 0
    assert told[0]["correlation_id"] == told[1]["correlation_id"] != told[2]["correlation_id"]
    assert {span.name for span in sent.spans} == {"job nightly", "job weekly"}
    assert len(sent.events("exception")) == 1


def test_costs_can_be_summed_by_job(sent: OtlpSink) -> None:
    """Units always, money where it is known; what was given back is told, and takes nothing from the counter."""

    def run() -> None:
        with midwatch.job("render", job_id="j-1"):
            midwatch.cost("sms", 2, amount=0.015, country="DE")
            midwatch.cost("llm.output_tokens", 1200, model="large")
        midwatch.cost("sms", amount=-0.0075, currency="EUR")

    added = counted(sent, run)
    assert added("cost_units_total") == {(("kind", "sms"),): 3, (("kind", "llm.output_tokens"),): 1200}
    assert added("cost_amount_total") == {(("currency", "USD"), ("kind", "sms")): pytest.approx(0.015)}
    told = [about for _, about in sent.events("cost")]
    assert [about["cost.kind"] for about in told if about.get("job_id") == "j-1"] == ["sms", "llm.output_tokens"]
    assert (told[0]["cost.units"], told[0]["cost.amount"], told[0]["cost.currency"]) == (2, 0.015, "USD")
    assert (told[1]["model"], "cost.amount" in told[1]) == ("large", False)
    assert (told[2]["cost.amount"], told[2]["cost.currency"]) == (-0.0075, "EUR")


def test_nothing_of_it_raises_before_init() -> None:
    assert midwatch.event("a") == midwatch.transition("a", 1, "b", "c") == ""
    midwatch.heartbeat("a")
    midwatch.cost("a", "many")  # type: ignore[arg-type]
