"""Jobs, steps and alarms as they are sent: one trace, durations by status, what waited, was retried, is overdue."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

import midwatch
from midwatch.sdk.propagation import inject
from tests.eventually import eventually
from tests.otlp_sink import OtlpSink, plain

RENDER = ("job", "render")


def spans(sink: OtlpSink) -> dict[str, Span]:
    assert midwatch.flush()
    return {span.name: span for span in sink.spans}


def lines(sink: OtlpSink) -> list[tuple[str, str]]:
    assert midwatch.flush()
    return [(record.severity_text, record.body.string_value) for record in sink.logs]


def counted(sink: OtlpSink, call: Callable[[], Any]) -> Callable[[str], dict[Any, float]]:
    """What the call has added to each series of a metric."""
    assert midwatch.flush()
    body = sink.of("metrics")[-1]
    call()
    assert midwatch.flush()
    before, after = OtlpSink(0), OtlpSink(0)
    before.bodies, after.bodies = [("/v1/metrics", body)], [("/v1/metrics", sink.of("metrics")[-1])]

    def added(name: str) -> dict[Any, float]:
        was = before.series(name)
        more = {labels: value - was.get(labels, 0) for labels, value in after.series(name).items()}
        return {labels: value for labels, value in more.items() if value}

    return added


class RenderError(Exception):
    pass


def test_lines_of_a_level_that_is_not_asked_for_are_not_told(sink: OtlpSink) -> None:
    """A step that ends is a matter of debug; a failure is told at whatever level."""
    for level, told in (
        ("debug", {"step ended", "step failed"}),
        ("info", {"step failed"}),
        ("critical", {"step failed"}),
    ):
        midwatch.init(service="jobs", environment="production", dsn=sink.dsn, log_level=level)
        before = len(sink.logs)
        with midwatch.step("tts"):
            pass
        with pytest.raises(RenderError), midwatch.step("mux"):
            raise RenderError
        assert {text for _, text in lines(sink)[before:]} == told
        midwatch.shutdown()


def test_a_job_and_its_steps_are_one_trace(sent: OtlpSink) -> None:
    """Steps are children of their job, durations are counted by status, and every line carries the job's ids."""

    @midwatch.step("tts")
    def tts() -> str:
        return "spoken"

    @midwatch.job("render", job_id=lambda order: order["id"], niche="travel")
    def render(order: dict[str, Any]) -> str:
        said = tts()
        with midwatch.step("mux", format="mp4"):
            midwatch.get_logger().info("muxing")
        return said

    def run() -> None:
        assert render({"id": 42}) == "spoken"

    added = counted(sent, run)
    found = spans(sent)
    job, mux = found["job render"], found["step mux"]
    assert {span.trace_id for span in found.values()} == {job.trace_id}
    assert mux.parent_span_id == found["step tts"].parent_span_id == job.span_id
    about_job, about_mux = plain(job.attributes), plain(mux.attributes)
    story = about_job.pop("correlation_id")
    assert about_job == {
        "job.name": "render",
        "job.id": "42",
        "job.attempt": 1,
        "job.status": "succeeded",
    }
    assert about_mux == {
        "step.name": "mux",
        "format": "mp4",
        "step.status": "succeeded",
        "correlation_id": story,
    }
    assert added("job_duration_seconds") == {(RENDER, ("status", "succeeded")): 1}
    assert added("jobs_total") == {(RENDER, ("status", "succeeded")): 1}
    assert added("jobs_by_status") == {(RENDER, ("status", "succeeded")): 1}
    assert added("pipeline_step_duration_seconds") == {
        (("status", "succeeded"), ("step", "mux")): 1,
        (("status", "succeeded"), ("step", "tts")): 1,
    }
    about = [plain(record.attributes) for record in sent.logs]
    assert [text for _, text in lines(sent) if text != "step ended"] == ["job started", "muxing", "job completed"]
    assert {one["job_id"] for one in about} == {"42"}
    assert {one["niche"] for one in about} == {"travel"}
    assert {one["correlation_id"] for one in about} == {story}
    assert {record.trace_id for record in sent.logs} == {job.trace_id}


def test_a_failure_is_told_once_and_raised(sent: OtlpSink) -> None:
    """The step's span and the job's are in error, both are counted as failed, and there is one event."""

    @midwatch.job("render")
    def render() -> None:
        with midwatch.step("tts"):
            raise RenderError("no voice")

    def run() -> None:
        with pytest.raises(RenderError, match="no voice"):
            render()

    added = counted(sent, run)
    assert added("job_duration_seconds") == {(RENDER, ("status", "failed")): 1}
    assert added("pipeline_step_duration_seconds") == {(("status", "failed"), ("step", "tts")): 1}
    assert lines(sent) == [("info", "job started"), ("error", "step failed"), ("error", "job failed")]
    assert len(sent.events("exception")) == 1
    found = spans(sent)
    assert [found[name].status.code for name in ("job render", "step tts")] == [2, 2]
    assert [event.name for event in found["step tts"].events] == ["exception"]


async def test_jobs_on_a_loop_keep_apart(sent: OtlpSink) -> None:
    """Many at once: each step under its own job; one that is cancelled says so."""
    gate = asyncio.Event()

    @midwatch.step("wait")
    async def wait(number: int) -> None:
        midwatch.get_logger().info("waiting", number=number)
        await gate.wait()

    @midwatch.job("poll", job_id=lambda number: number)
    async def poll(number: int) -> int:
        await wait(number)
        return number

    tasks = [asyncio.create_task(poll(number)) for number in range(20)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    gate.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert ended[1:] == list(range(1, 20))
    await asyncio.to_thread(midwatch.flush)
    jobs = {span.span_id: span for span in sent.spans if span.name == "job poll"}
    steps = [span for span in sent.spans if span.name == "step wait"]
    assert len({span.trace_id for span in jobs.values()}) == len(steps) == 20
    assert all(jobs[one.parent_span_id].trace_id == one.trace_id for one in steps)
    statuses = {plain(span.attributes)["job.id"]: plain(span.attributes)["job.status"] for span in jobs.values()}
    assert statuses == {str(number): "succeeded" if number else "cancelled" for number in range(20)}
    waiting = [plain(record.attributes) for record in sent.logs if record.body.string_value == "waiting"]
    assert all(one["job_id"] == str(one["number"]) for one in waiting)
    assert not sent.events("exception")


def test_a_job_goes_on_with_the_story_of_its_message(sent: OtlpSink) -> None:
    """Its trace, its parent and its correlation id are those of whoever queued it, also in another thread."""
    message: dict[str, str] = {}
    with midwatch.work("c-7"), midwatch.job("accept"):
        inject(message)

    @midwatch.job("render", carrier=lambda headers: headers)
    def render(_: dict[str, str]) -> None:
        inner: dict[str, str] = {}
        inject(inner)
        assert inner["x-correlation-id"] == "c-7"

    worker = threading.Thread(target=render, args=(message,))
    worker.start()
    worker.join()
    found = spans(sent)
    assert found["job render"].parent_span_id == found["job accept"].span_id
    assert found["job render"].trace_id == found["job accept"].trace_id
    assert found["job render"].kind == Span.SPAN_KIND_CONSUMER


def test_retries_recoveries_and_waiting_are_counted(sent: OtlpSink) -> None:
    """Attempts 1 and 2 fail, 3 succeeds: two retries, one recovery; pending → started and pending → done are timed."""
    queued_at = time.time() - 90

    def run() -> None:
        for attempt in (1, 2, 3):
            try:
                with midwatch.job("render", attempt=attempt, queued_at=queued_at):
                    if attempt < 3:
                        raise RenderError(str(attempt))
            except RenderError:
                pass

    added = counted(sent, run)
    assert added("job_retries_total") == {(RENDER,): 2}
    assert added("job_recoveries_total") == {(RENDER,): 1}
    assert added("job_wait_seconds") == {(RENDER,): 3}
    assert added("job_lead_seconds") == {
        (RENDER, ("status", "failed")): 2,
        (RENDER, ("status", "succeeded")): 1,
    }
    ended = [plain(record.attributes) for record in sent.logs if record.body.string_value == "job completed"]
    assert ended[0]["attempt"] == 3
    assert 90 <= ended[0]["lead_seconds"] < 120


def test_a_job_that_takes_too_long_is_told_while_it_runs(sent: OtlpSink) -> None:
    """With its own ids; it counts as overdue until it ends, and how old the oldest one is can be read."""
    with midwatch.work("c-9"), midwatch.job("render", job_id="slow", overdue_seconds=0.05):
        eventually(lambda: ("warning", "job overdue") in lines(sent))
        # The metrics of that flush may be older than the line.
        assert midwatch.flush()
        assert sent.series("jobs_overdue")[(RENDER,)] == 1
        assert sent.series("job_oldest_seconds")[(RENDER,)] >= 0.05
        assert sent.series("jobs_by_status")[(RENDER, ("status", "active"))] == 1
    with midwatch.job("render", overdue_seconds=3600):
        pass
    assert midwatch.flush()
    assert sent.series("jobs_overdue")[(RENDER,)] == 0
    assert sent.series("job_oldest_seconds")[(RENDER,)] == 0
    (told,) = [record for record in sent.logs if record.body.string_value == "job overdue"]
    about = plain(told.attributes)
    assert (about["job_id"], about["correlation_id"]) == ("slow", "c-9")


def test_queue_depth_is_read_when_metrics_are(sent: OtlpSink) -> None:
    """A number or a call; one that fails takes no other metric away."""
    waiting = [1, 2, 3]

    def broken() -> float:
        raise ConnectionError("no queue")

    midwatch.queue_depth("video", lambda: len(waiting))
    midwatch.queue_depth("mail", 7)
    midwatch.queue_depth("gone", broken)
    assert midwatch.flush()
    depths = sent.series("job_queue_depth")
    assert (depths[(("queue", "video"),)], depths[(("queue", "mail"),)]) == (3, 7)
    assert depths[(("queue", "gone"),)] != depths[(("queue", "gone"),)]
    waiting.clear()
    assert midwatch.flush()
    assert sent.series("job_queue_depth")[(("queue", "video"),)] == 0


def test_alarms_are_scheduled_fired_and_missed(sent: OtlpSink) -> None:
    """One that fires, one by its name from elsewhere, one that is moved, one cancelled, and one that never comes."""

    def run() -> None:
        now = time.time()
        midwatch.alarm("cleanup", now - 5, alarm_id="a").fired()
        midwatch.alarm("cleanup", now + 60, alarm_id="b")
        midwatch.alarm("cleanup", now + 90, alarm_id="b")
        midwatch.alarm_fired("cleanup", "b")
        midwatch.alarm_fired("cleanup", "set by another process")
        midwatch.alarm("cleanup", now + 60, alarm_id="c").cancel()
        with midwatch.work("c-3"):
            midwatch.alarm("cleanup", now, alarm_id="d", grace_seconds=0.02)
        eventually(lambda: ("warning", "alarm.missed") in lines(sent))

    added = counted(sent, run)
    assert added("alarms_total") == {
        (("alarm", "cleanup"), ("outcome", "scheduled")): 5,
        (("alarm", "cleanup"), ("outcome", "fired")): 3,
        (("alarm", "cleanup"), ("outcome", "cancelled")): 1,
        (("alarm", "cleanup"), ("outcome", "missed")): 1,
    }
    fired = [about for _, about in sent.events("alarm.fired")]
    assert [about["alarm.id"] for about in fired] == ["a", "b", "set by another process"]
    assert fired[0]["late_seconds"] >= 5
    ((_, missed),) = sent.events("alarm.missed")
    assert (missed["entity.id"], missed["alarm.id"], missed["correlation_id"]) == ("cleanup", "d", "c-3")


def test_a_generator_is_refused_where_it_is_decorated() -> None:
    """Its call ends at once: a duration of nothing would be a lie."""

    def rows() -> Iterator[int]:
        yield 1

    for decorate in (midwatch.job("render"), midwatch.step("tts"), midwatch.cron("nightly")):
        with pytest.raises(TypeError, match="use `with` inside it"):
            decorate(rows)


def test_what_we_do_wrong_does_not_reach_the_job(sent: OtlpSink) -> None:
    """An id that cannot be had, an attempt that is no number, nothing in force: the job runs, errors are its own."""

    @midwatch.job("render", job_id=lambda order: order["missing"], attempt=lambda _: "many")
    def render(order: dict[str, int]) -> int:
        return order["id"]

    assert render({"id": 1}) == 1
    midwatch.shutdown()
    assert render({"id": 2}) == 2
    with pytest.raises(KeyError, match="id"), midwatch.step("outside"):
        render({})
    midwatch.alarm("cleanup", 0.0).fired()
    assert midwatch.current_job() is None


@pytest.mark.parametrize(("log_level", "told"), [("debug", ["step ended"]), ("info", [])])
def test_a_step_that_went_well_is_told_at_debug_alone(log_level: str, told: list[str]) -> None:
    """Where debug lines are silenced, these are, too."""
    with midwatch.testing.capture(log_level=log_level) as seen, midwatch.job("render"), midwatch.step("tts"):
        pass
    assert [line.message for line in seen.lines if line.level == "debug"] == told
