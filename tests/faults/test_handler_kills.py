"""kill -9 of the app and of the server, by turns and at random, while many runs are replayed."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.integration.handlers.dying import Dying, ordered, over
from tests.integration.sdk.conftest import Run, free_port, run, sink

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
__all__ = ["run", "sink"]
RUNS = 60
KILLS = 14


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", options=("--otlp-http-port", str(free_port()))).start()
    yield server
    server.stop()


def test_kills_run_nothing_twice_and_lose_nothing(victim: Server, run: Run, tmp_path: Path) -> None:
    """Every order ends; what is told to be done was done once; what nobody can know was done once at most."""
    chance = random.Random(24)
    app = tmp_path / "app"
    app.mkdir()
    dying = Dying(run, victim, int(victim.options[1]), app)
    ids = dying.fail(RUNS)
    with victim.api() as api:
        batch = ordered(api, ids=ids, rate_per_minute=180)
    for turn in range(KILLS):
        time.sleep(chance.uniform(0.1, 1.5))
        if turn % 2:
            victim.kill()
            victim.start()
        else:
            dying.file("die").write_text(chance.choice(("before it is paid", "after it is paid", "before it is told")))
            time.sleep(chance.uniform(0.1, 1.0))
            dying.kill()
            dying.file("die").unlink(missing_ok=True)
            dying.start()
    orders = over(victim, batch, seconds=300)
    paid, numbers = dying.paid(), {}
    with victim.api() as api:
        for one in ids:
            numbers[one] = int(api.get(f"/api/v1/handler-runs/{one}").json()["run"]["key"])
    assert len(orders) == RUNS
    assert set(paid.values()) <= {1}, "nothing was paid twice"
    for order in orders:
        times = paid[numbers[order["run"]]]
        assert order["outcome"] in ("done", "unknown"), order
        assert times == 1 or order["outcome"] == "unknown"
