"""How many failed runs are taken, how many apps may ask, and how long runs are kept: settings, counted and shown."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from midwatch.contract.handlers import ORDERS_PATH, RUNS_PATH
from tests.conftest import KEY, Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

PER_HOUR = 3
BEARER = {"authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = ("--handler-runs-per-hour", str(PER_HOUR), "--handler-apps", "1", "--handler-runs", "2h")
    server = Server(tmp_path_factory.mktemp("narrow") / "data", options=options).start()
    yield server
    server.stop()


def told(number: int, failed_ms: int) -> dict[str, Any]:
    texts = dict.fromkeys(
        ("error_text", "event_id", "trace_id", "span_id", "correlation_id", "order_id", "refusal", "environment"), ""
    )
    return {
        **texts,
        "id": f"{number:032x}",
        "handler": "sms.outbound",
        "key": str(number),
        "state": "failed",
        "revision": 1,
        "attempt": 1,
        "service": "shop",
        "started_ms": failed_ms,
        "ended_ms": failed_ms,
        "payload": {"form": "none"},
        "error_type": "TimeoutError",
    }


def hits(server: Server) -> dict[str, dict[str, Any]]:
    with server.api() as api:
        found = api.get("/api/v1/system/limits").json()["hits"]
    return {one["reason"]: one for one in found}


def figure(server: Server, name: str) -> float:
    with server.api() as api:
        lines = api.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_runs_beyond_those_of_an_hour_wait_and_old_ones_go(narrow: Server) -> None:
    """What waits is said to the app, counted, and a line of the limits hit; a run older than the setting goes."""
    now = int(time.time() * 1000)
    runs = [told(number, now - (3 if number == 0 else 1) * 3_600_000) for number in range(PER_HOUR + 2)]
    with httpx.Client(base_url=narrow.otlp_http_url, headers=BEARER) as door:
        answer = door.post(RUNS_PATH, json={"runs": runs}).json()
    assert answer == {"refused": {}, "wait": [one["id"] for one in runs[PER_HOUR:]]}
    hit = hits(narrow)["handler_runs_wait"]
    assert (hit["count"], "--handler-runs-per-hour" in hit["explanation"]) == (2, True)
    assert figure(narrow, 'midwatch_handler_runs_total{what="no_room"}') == 2
    narrow.stop()
    narrow.start()

    def kept() -> list[str]:
        with narrow.api() as api:
            return sorted(one["key"] for one in api.get("/api/v1/handler-runs").json()["runs"])

    eventually(lambda: kept() == ["1", "2"], seconds=60)


def test_apps_beyond_those_that_may_ask_at_once_are_told_to_ask_again(narrow: Server) -> None:
    question = {"service": "shop", "environment": "", "instance": "a:1", "handlers": ["sms.outbound"]}

    def ask(wait: float) -> int:
        body = {**question, "nonce": uuid.uuid4().hex, "wait_seconds": wait}
        with httpx.Client(base_url=narrow.otlp_http_url, headers=BEARER, timeout=60) as door:
            return door.post(ORDERS_PATH, json=body).status_code

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, 20.0)

        def second_is_refused() -> bool:
            nonlocal first
            if first.done() and first.result() == 429:
                first = pool.submit(ask, 20.0)
            return ask(0) == 429

        eventually(second_is_refused, seconds=60)
        hit = hits(narrow)["handler_apps_refused"]
        assert "--handler-apps" in hit["explanation"]
        assert figure(narrow, "midwatch_handler_apps_refused_total") == hit["count"] >= 1
        assert first.result(60) == 200
    assert ask(0) == 200
