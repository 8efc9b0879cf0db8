"""Each example as a newcomer runs it: `make example` starts and loads it, `make fault` breaks and heals it."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.systems.running import ROOT, started

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
LISTED = re.compile(r"^([* ]) (\S+) +\S", re.M)
HEALED_SECONDS_MAX = 180
SERVED = 'sum(traces_span_metrics_calls_total{status_code!="STATUS_CODE_ERROR"})'
"""Requests that were answered well, of all services, since each of them began."""


def made(*words: str) -> str:
    """What `make` prints; it has to exit with 0."""
    done = subprocess.run(
        ["make", "--no-print-directory", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"make {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def ctrl_c(process: "subprocess.Popen[bytes]") -> None:
    """Reaches all that the command has started."""
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("name", ["tabbi", "canvascast", "josh", "chat", "soulcaster"])
def test_started_loaded_broken_and_healed(name: str, tmp_path: Path) -> None:
    """Users are played, every fault that is listed begins and ends, and the users are served as before."""
    of = [f"NAME={name}", f"ARGS=--data {tmp_path}"]
    start = ["make", "--no-print-directory", "example", f"NAME={name}", f"ARGS=--data {tmp_path} --own-ports"]
    with started(start, tmp_path, ctrl_c) as system:
        system.reaches(SERVED, lambda found: found > 0, HEALED_SECONDS_MAX)
        faults = [what for _, what in LISTED.findall(made("fault", *of))]
        assert len(faults) >= 5, faults
        for what in faults:
            assert "from now on" in made("fault", *of, f"WHAT={what}")
            assert [one for mark, one in LISTED.findall(made("fault", *of)) if mark == "*"] == [what]
            assert "healed" in made("fault", f"NAME={name}", f"WHAT={what}", f"ARGS=--data {tmp_path} --heal")
        before, healed = system.value(SERVED), time.time()
        system.reaches(SERVED, lambda found: found > before, HEALED_SECONDS_MAX)
        print(f"{name}: {len(faults)} faults; served again within {time.time() - healed:.0f} s")
        assert system.process.poll() is None, system.output()
    assert not (tmp_path / "example.json").exists(), system.output()
