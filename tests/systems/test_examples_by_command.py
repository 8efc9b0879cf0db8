"""Each example as a newcomer runs it: `make example` starts and loads it, `make fault` breaks and heals it."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.eventually import eventually
from tests.systems.running import ROOT, START_SECONDS_MAX, STOP_SECONDS_MAX

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
LISTED = re.compile(r"^([* ]) (\S+) +\S", re.M)
HEALED_SECONDS_MAX = 180


def made(*words: str) -> str:
    """What `make` prints; it has to exit with 0."""
    done = subprocess.run(
        ["make", "--no-print-directory", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"make {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.parametrize("name", ["tabbi", "canvascast", "josh", "chat", "soulcaster"])
def test_started_loaded_broken_and_healed(name: str, tmp_path: Path) -> None:
    """Users are played, every fault that is listed begins and ends, and the users are served as before."""
    described, log = tmp_path / "example.json", tmp_path / "example.log"
    options = f"--data {tmp_path}"
    with log.open("wb") as out:
        started = subprocess.Popen(
            ["make", "--no-print-directory", "example", f"NAME={name}", f"ARGS={options} --own-ports"],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def told() -> dict[str, Any] | None:
        assert started.poll() is None, log.read_text(errors="replace")[-4000:]
        return json.loads(described.read_text() or "null") if described.exists() else None

    try:
        found = eventually(told, seconds=START_SECONDS_MAX)
        headers = {"authorization": f"Bearer {found['token']}"}
        with httpx.Client(base_url=found["midwatch_url"], headers=headers, timeout=60) as api:

            def served() -> float:
                """Requests that were answered well, of all services, since each of them began."""
                asked = {"query": 'sum(traces_span_metrics_calls_total{status_code!="STATUS_CODE_ERROR"})'}
                answer = api.get("/prometheus/api/v1/query", params=asked).raise_for_status().json()
                return sum(float(one["value"][1]) for one in answer["data"]["result"])

            eventually(lambda: served() > 0, seconds=HEALED_SECONDS_MAX)
            faults = [what for _, what in LISTED.findall(made("fault", f"NAME={name}", f"ARGS={options}"))]
            assert len(faults) >= 5, faults
            for what in faults:
                assert "from now on" in made("fault", f"NAME={name}", f"WHAT={what}", f"ARGS={options}")
                states = LISTED.findall(made("fault", f"NAME={name}", f"ARGS={options}"))
                assert [one for mark, one in states if mark == "*"] == [what]
                assert "healed" in made("fault", f"NAME={name}", f"WHAT={what}", f"ARGS={options} --heal")
            at_the_end = served()
            healed = time.time()
            eventually(lambda: served() > at_the_end, seconds=HEALED_SECONDS_MAX)
            print(f"{name}: {len(faults)} faults; served again within {time.time() - healed:.0f} s")
            told()
    finally:
        os.killpg(started.pid, signal.SIGINT)  # Ctrl-C
        started.wait(STOP_SECONDS_MAX)
    assert not described.exists(), log.read_text(errors="replace")[-4000:]
