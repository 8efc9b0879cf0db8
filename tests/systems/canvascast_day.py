"""CanvasCast as it runs for its rows."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.integration.clients.test_rotel import wait_for
from tests.systems.canvascast_people import VISIBLE_SECONDS, Canvas
from tests.systems.running import ROOT, example

HURRY = 15
"""An alert of five minutes fires after twenty seconds; one of a quarter of an hour after a minute."""
EXAMPLE = ROOT / "examples" / "canvascast"
STEPS = ["script", "voice", "images", "render", "upload"]


@pytest.fixture(scope="session")
def canvas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canvas]:
    with example("canvascast", tmp_path_factory.mktemp("canvascast"), "--hurry", str(HURRY)) as system:
        system.api.timeout = httpx.Timeout(VISIBLE_SECONDS)
        yield Canvas(system)


@pytest.fixture(scope="session")
def user(canvas: Canvas) -> str:
    """Somebody with credits enough for all rows."""
    someone = canvas.sign_up()
    assert canvas.buy(someone, usd=500, credits=5000).status_code == 201
    return someone


@contextmanager
def another(canvas: Canvas, command: list[str], folder: str, log: Path, **environment: str) -> Iterator[None]:
    """One more process of the system's, set up otherwise."""
    env = {**os.environ, **canvas.system.told["environment"], "NODE_ENV": "production", **environment}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=EXAMPLE / folder, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_for(int(environment["PORT"]), process, log)
        yield
    finally:
        process.terminate()
        process.wait(60)
