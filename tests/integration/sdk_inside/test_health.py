"""Health as a probe sees it: real PostgreSQL and Redis, things that are not there, things that hang."""

import asyncio
import json
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from time import perf_counter
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import psycopg
import pytest
import redis
import redis.asyncio
import sqlalchemy
from fastapi import FastAPI
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.ext.asyncio import create_async_engine

import midwatch
from midwatch.sdk.integrations.health import HealthWsgi
from tests.eventually import eventually
from tests.integration.sdk.serving import free_port, served
from tests.otlp_sink import OtlpSink, plain
from tests.postgresql import SERVER

POSTGRESQL = f"{SERVER}/postgres"
ALCHEMY = POSTGRESQL.replace("postgresql://", "postgresql+psycopg://")


def probe(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        body = error.read()
        return error.code, json.loads(body) if body.startswith(b"{") else {}


def test_fastapi_answers_in_one_line(sent: OtlpSink) -> None:
    """All that the service needs, checked for real; asked as often as one likes, beside the app's own routes."""
    app = FastAPI()

    @app.get("/items")
    def items() -> dict[str, str]:
        return {"ok": "yes"}

    async def own() -> None:
        await asyncio.sleep(0)

    with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
        checks = {
            "database": sqlalchemy.create_engine(ALCHEMY),
            "async database": create_async_engine(ALCHEMY),
            "psycopg": connection,
            "address": POSTGRESQL,
            "redis": redis.Redis(),
            "async redis": redis.asyncio.Redis(),
            "own": own,
        }
        midwatch.health(app, checks)
        midwatch.instrument(app)
        with served(app) as url:
            for path in ("/ready", "/api/health"):
                status, said = probe(url + path)
                assert status == 200, said["checks"]
                assert (said["status"], said["ready"], said["service"]) == ("ok", True, "worker")
                assert set(said["checks"]) == set(checks)
                assert all(one["healthy"] and one["latency_ms"] >= 0 for one in said["checks"].values())
            status, said = probe(url + "/health")
            assert (status, said["status"]) == (200, "ok")
            assert "checks" not in said
            assert said["uptime_seconds"] > 0
            assert probe(url + "/items") == (200, {"ok": "yes"})
            head = httpx.head(url + "/ready")
            assert (head.status_code, head.content) == (200, b"")
            assert httpx.post(url + "/ready").status_code in (404, 405)


@pytest.mark.parametrize("kind", ["ASGI", "WSGI", "worker"])
def test_the_lines_of_a_start_say_what_is_there(sent: OtlpSink, kind: str) -> None:
    """Before any probe has come: one line for each thing that the service needs, with how long it took."""
    checks = {"redis": redis.Redis(), "gone": redis.Redis(port=free_port(), retry=Retry(NoBackoff(), 0))}

    def told() -> dict[str, tuple[str, str]]:
        midwatch.flush()
        found = [(record, plain(record.attributes)) for record in sent.logs]
        return {about["check"]: (one.severity_text, one.body.string_value) for one, about in found if "check" in about}

    def start() -> None:
        eventually(lambda: len(told()) == len(checks))

    if kind == "ASGI":
        app = FastAPI()
        midwatch.health(app, checks)
        with served(app, lifespan="on"):
            start()
    elif kind == "WSGI":
        flask = Flask("shop")
        midwatch.health(flask, checks)
        start()
    else:
        with closing(midwatch.worker_health(free_port(), checks=checks)):
            start()
    assert told() == {"redis": ("info", "health check passes"), "gone": ("warning", "health check failed")}


def hang() -> None:
    threading.Event().wait(30)


async def hang_async() -> None:
    await asyncio.sleep(30)


def test_what_is_not_there_is_503_and_says_what(sent: OtlpSink) -> None:
    """Each failure by its kind, no host and no password, all within the longest time-out together."""
    nobody = free_port()
    app = FastAPI()
    midwatch.health(
        app,
        {
            "database": sqlalchemy.create_engine(f"postgresql+psycopg://u:hunter2@127.0.0.1:{nobody}/x"),
            "redis": redis.Redis(port=nobody, retry=Retry(NoBackoff(), 0)),
            "api": f"http://127.0.0.1:{nobody}",
            "hangs": hang,
            "hangs too": hang_async,
            "says no": lambda: False,
            "fine": lambda: None,
        },
        timeout_seconds=0.5,
        cache_seconds=0.0,
    )
    with served(app) as url:
        started = perf_counter()
        status, said = probe(url + "/ready")
        assert perf_counter() - started < 5
        assert (status, said["status"], said["ready"]) == (503, "failing", False)
        checks = said["checks"]
        assert {name: one["healthy"] for name, one in checks.items()} == {name: name == "fine" for name in checks}
        assert checks["redis"]["error"] == "ConnectionError"
        assert (checks["hangs"]["error"], checks["says no"]["error"]) == ("timed out", "said no")
        assert "hunter2" not in json.dumps(said)
        threads = [one.name for one in threading.enumerate()]
        for _ in range(3):
            status, said = probe(url + "/ready")
            assert said["checks"]["hangs"]["error"] == "still running"
        assert probe(url + "/health")[0] == 200
        hanging = [one for one in threading.enumerate() if one.name == "midwatch-check-hangs"]
        assert len(hanging) == 1, threads


@contextmanager
def redis_server(port: int) -> Iterator[None]:
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.DEVNULL
    )
    try:
        client = redis.Redis(port=port)
        eventually(lambda: _answers(client.ping))
        yield
    finally:
        server.terminate()
        server.wait()


def _answers(call: Callable[[], Any]) -> bool:
    try:
        return bool(call())
    except redis.RedisError:
        return False


def test_redis_goes_and_comes_back(sent: OtlpSink) -> None:
    """Each change is one line, and the gauge follows; the private part of a message stays here."""
    port = free_port()
    # Its own tries again take as long as a check may.
    client = redis.Redis(port=port, retry=Retry(NoBackoff(), 0))
    health = midwatch.Health({"redis": client}, cache_seconds=0.0)
    with redis_server(port):
        assert health.answer("/ready").status == 200
    for _ in range(3):
        assert health.answer("/ready").status == 503
    assert midwatch.flush()
    assert sent.series("health_check_up")[(("check", "redis"),)] == 0
    with redis_server(port):
        assert health.answer("/ready").status == 200
    assert midwatch.flush()
    assert sent.series("health_check_up")[(("check", "redis"),)] == 1
    told = [(record.severity_text, record.body.string_value) for record in sent.logs]
    assert told == [
        ("info", "health check passes"),
        ("warning", "health check failed"),
        ("info", "health check passes again"),
    ]
    assert plain(sent.logs[1].attributes)["check"] == "redis"


def test_probes_at_once_share_one_check() -> None:
    """Forty probes, one call, one answer for all; the next one after the time is new."""
    calls, gate = [], threading.Event()

    def slow() -> None:
        calls.append(1)
        gate.wait(10)

    health = midwatch.Health({"slow": slow}, timeout_seconds=10, cache_seconds=0.05)
    with ThreadPoolExecutor(40) as pool:
        answers = [pool.submit(health.answer, "/ready") for _ in range(40)]
        eventually(lambda: calls)
        gate.set()
        assert {one.result().status for one in answers} == {200}
    assert len(calls) == 1

    def asked_again() -> bool:
        health.answer("/ready")
        return len(calls) == 2

    eventually(asked_again)


def test_wsgi_apps_answer_too(sent: OtlpSink) -> None:
    """Around any WSGI app; coroutine checks run there as well."""

    async def own() -> bool:
        await asyncio.sleep(0)
        return True

    def theirs(_: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("content-type", "application/json")])
        return [b'{"app": true}']

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    app = HealthWsgi(theirs, health=midwatch.Health({"own": own, "redis": redis.Redis()}))
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        status, said = probe(url + "/ready")
        assert (status, set(said["checks"])) == (200, {"own", "redis"})
        assert probe(url + "/else") == (200, {"app": True})
    finally:
        server.shutdown()
        server.server_close()


def test_a_worker_says_how_it_is(sent: OtlpSink) -> None:
    """Queue counts and uptime; counts that cannot be had do not take the answer away; a taken port harms nobody."""
    counts = {"waiting": 3, "active": 1, "failed": 0}

    def queue() -> dict[str, int]:
        if not counts:
            raise ConnectionError("no queue")
        return counts

    worker = midwatch.worker_health(0, queue=queue, checks={"redis": redis.Redis()})
    url = f"http://127.0.0.1:{worker.port}"
    status, said = probe(url + "/health")
    assert (status, said["status"], said["queue"]) == (200, "ok", counts)
    assert said["uptime_seconds"] > 0
    assert probe(url + "/ready")[1]["checks"]["redis"]["healthy"]
    counts.clear()
    assert probe(url + "/health")[0] == 200
    assert probe(url + "/else")[0] == 404
    assert midwatch.worker_health(worker.port).port == 0
    worker.close()


def test_what_cannot_be_checked_is_refused() -> None:
    """When the checks are given, with what can be one; not when the first probe comes."""
    with pytest.raises(TypeError, match=r"cannot check builtins\.int: expected"):
        midwatch.Health({"odd": 5})
    with pytest.raises(TypeError, match="expected a FastAPI"):
        midwatch.health(object(), {})
    with pytest.raises(ValueError, match="expected a new name"):
        midwatch.Health({"a": print}).add("a", print)
