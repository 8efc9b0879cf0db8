"""Several workers of one app, each a process: a scrape of any of them tells of all."""

import concurrent.futures
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard
from tests.integration.sdk.test_exposition import samples

pytestmark = pytest.mark.thorough

REQUESTS = 30
CLIENT = httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))
"""Each request on a connection of its own: it goes to either worker."""
START = {
    "gunicorn": ("gunicorn", "--workers=2", "--threads=2", f"{APPS}.exposing_flask:app"),
    "gunicorn, preloaded": ("gunicorn", "--preload", "--workers=2", f"{APPS}.exposing_flask:app"),
    "uvicorn": ("uvicorn", f"{APPS}.exposing_fast:app"),
}


def start(run: Run, how: str, **environment: str) -> Process:
    port = free_port()
    at = ("--port", str(port)) if how == "uvicorn" else (f"--bind=127.0.0.1:{port}",)
    name, *rest = START[how]
    return run(name, *at, *rest, listens_at=port, **{"WEB_CONCURRENCY": "2", **environment})


def ask(app: Process, path: str = "/items/1") -> int:
    """Which of the workers has answered."""
    return int(CLIENT.get(f"{app.url}{path}").json()["pid"])


def values(app: Process) -> dict[str, float]:
    return {name: one.value for name, one in samples(CLIENT.get(f"{app.url}/metrics")).items()}


def both_answered(app: Process) -> Counter[int]:
    """How many requests each worker has served."""
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        seen = Counter(threads.map(lambda _: ask(app), range(REQUESTS)))

    def other() -> bool:
        seen[ask(app)] += 1
        return len(seen) == 2

    eventually(other)
    return seen


@pytest.mark.parametrize("how", sorted(START))
def test_a_scrape_of_any_worker_is_the_sum_over_all(run: Run, heard: Heard, tmp_path: Path, how: str) -> None:
    """One variable and nothing else; what each pushes stays its own, under an instance of its own."""
    app = start(run, how, PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics"))
    seen = both_answered(app)
    asked = sum(seen.values())

    def counted() -> tuple[float, float]:
        """Sign-ups, and requests: these are counted when their answers have gone out."""
        found = values(app)
        requests = (one for name, one in found.items() if name.startswith("http_requests_total"))
        return found["signups_total{method=email}"], sum(requests)

    eventually(lambda: counted() == (asked, asked))
    assert [counted() for _ in range(4)] == [(asked, asked)] * 4

    def pushed() -> bool:
        # OTLP knows no `_total` where the name was given with one.
        return sum(one.value for one in heard.points("signups_total", method="email")) == asked

    eventually(pushed)
    points = heard.points("signups_total", method="email")
    assert len({one.instance for one in points}) == 2
    assert sorted(one.value for one in points) == sorted(seen.values())


def test_of_a_worker_that_was_killed_the_counts_stay_and_the_gauges_go(run: Run, tmp_path: Path) -> None:
    """gunicorn starts another in its place; no hook in its configuration is needed."""
    app = start(run, "gunicorn", PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics"))
    seen = both_answered(app)
    asked = sum(seen.values())
    held = {ask(app, "/sessions")}

    def both_hold() -> bool:
        held.add(ask(app, "/sessions"))
        return len(held) == 2

    eventually(both_hold)
    assert values(app)["open_sessions{}"] == 2
    ask(app, "/items/7")
    gone = held.pop()
    os.kill(gone, signal.SIGKILL)

    def replaced() -> bool:
        return len({ask(app, "/sessions") for _ in range(6)} - {gone}) == 2

    eventually(lambda: values(app)["open_sessions{}"] < 2 or replaced())
    eventually(replaced)
    found = values(app)
    assert found["open_sessions{}"] == 2
    assert found["last_seen{}"] == 7
    assert found["signups_total{method=email}"] == asked + 1
    # What is asked for when it is read counts once for each that lives, within a few seconds.
    eventually(lambda: values(app)["watched{}"] == 42)


def test_exemplars_are_those_of_the_worker_that_answers(run: Run, tmp_path: Path) -> None:
    """Each scrape has some; over several, those of all workers."""
    app = start(run, "gunicorn", PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics"))
    both_answered(app)
    seen: set[str] = set()

    def traces() -> set[str]:
        answer = CLIENT.get(f"{app.url}/metrics", headers={"accept": "application/openmetrics-text"})
        buckets = [one for one in samples(answer).values() if one.name == "http_request_duration_seconds_bucket"]
        return {one.exemplar.labels["trace_id"] for one in buckets if one.exemplar}

    def of_both() -> bool:
        found = traces()
        assert found
        seen.add(min(found))
        return len(seen) == 2

    eventually(of_both)


def test_worker_utilisation(run: Run, tmp_path: Path) -> None:
    """Of threads: how long they were busy, and how many there are."""
    app = start(run, "gunicorn", PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics"))
    both_answered(app)
    before = values(app)
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        assert {one.status_code for one in threads.map(lambda _: CLIENT.get(f"{app.url}/waits"), range(4))} == {200}

    def busy() -> float:
        return values(app)["worker_busy_seconds_total{worker=wsgi}"] - before["worker_busy_seconds_total{worker=wsgi}"]

    eventually(lambda: busy() > 3.9)
    assert busy() < 8
    assert before["worker_slots{worker=wsgi}"] == 4


def test_an_event_loop_that_is_kept_is_seen(run: Run) -> None:
    """Its lag, beside that of one that only waits."""
    app = start(run, "uvicorn", WEB_CONCURRENCY="1")
    ask(app)

    def late(bound: str) -> Any:
        found = values(app)
        name = "event_loop_lag_seconds"
        return found[f"{name}_count{{}}"] - found[f"{name}_bucket{{le={bound}}}"]

    eventually(lambda: values(app)["event_loop_lag_seconds_count{}"] > 0)
    before = late("0.25")
    assert CLIENT.get(f"{app.url}/waits").status_code == 200
    assert CLIENT.get(f"{app.url}/blocks").status_code == 200
    eventually(lambda: late("0.25") > before)
