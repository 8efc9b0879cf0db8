"""redis-py on a real Redis: what is told of commands, and what a stream carries."""

import uuid

import pytest

from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard


@pytest.fixture(autouse=True)
def app(run: Run) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}"
    prefix = f"midwatch-{uuid.uuid4().hex[:12]}"
    app = run(f"{APPS}.storing", REDIS="redis://127.0.0.1:6379/0", NOBODY=nobody, PREFIX=prefix)
    assert app.popen.wait(60) == 0, app.output()


def test_each_command_of_a_trace_is_one_span_without_its_values(heard: Heard) -> None:
    first = heard.spans("take orders")[0]
    children = [one for one in heard.spans() if one.parent_id == first.span_id and one.kind == "client"]
    assert [one.name for one in children] == ["SET", "XADD", "PIPELINE", "INCRBY"]
    assert children[0].attributes["db.system.name"] == "redis"
    assert children[0].attributes["server.port"] == 6379
    assert [one.failed for one in children] == [False, False, False, True]
    second = heard.spans("look up")[0]
    assert [one.name for one in heard.spans() if one.parent_id == second.span_id] == ["GET", "PIPELINE"]
    assert not heard.spans("PING")
    assert b"q1w2e3r4" not in heard.all_bytes()


def test_entries_of_streams_carry_the_ids(heard: Heard) -> None:
    """Those of pipelines too: what the consumer does is part of the producer's trace."""
    producer, consumed = heard.spans("take orders")[0], heard.spans("process order")
    assert [one.kind for one in consumed] == ["consumer", "consumer"]
    assert {one.trace_id for one in consumed} == {producer.trace_id}
    assert consumed[0].parent_id == heard.spans("XADD")[0].parent_id
    lines = heard.lines("processing")
    assert {(one.trace_id, one.attributes["correlation_id"]) for one in lines} == {(producer.trace_id, "order-77")}


def test_commands_are_measured_and_failures_counted(heard: Heard) -> None:
    assert heard.points("redis_command_duration_seconds", command="GET")[0].value == 1
    assert heard.points("redis_command_duration_seconds", command="SET")[0].value == 1
    assert not heard.points("redis_command_duration_seconds", command="XREAD")
    assert heard.points("redis_errors_total", command="INCRBY")[0].value == 1
    assert heard.points("redis_connection_errors_total")[0].value >= 2


def test_a_redis_that_goes_and_comes_back_is_told_once_each(heard: Heard) -> None:
    assert [one.level for one in heard.lines("Redis is lost")] == ["error"]
    assert [one.level for one in heard.lines("Redis is back")] == ["info"]
