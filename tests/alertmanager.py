"""A real Alertmanager and amtool (`make alertmanager` finds them), for tests that put them beside ours."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tools.find_alertmanager import TEMPLATES, find_alertmanager
from tools.find_browser import must_be_found

from tests.eventually import eventually
from tests.prometheus import free_address

START_SECONDS_MAX = 60.0


def programs() -> tuple[str, str]:
    """Their paths; where there are none the test is skipped, and fails in CI."""
    found = find_alertmanager()
    if found is None:
        assert not must_be_found(), "no Alertmanager can be found, and CI is set: these tests may not be skipped here"
        pytest.skip("no Alertmanager can be found; `make alertmanager` says more")
    return found


class Amtool:
    """amtool against one server, below `folder` for its settings."""

    def __init__(self, folder: Path, url: str, token: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._options = [f"--alertmanager.url={url}"]
        if token:
            settings = folder / "http.yml"
            settings.write_text(json.dumps({"authorization": {"credentials": token}}))
            self._options.append(f"--http.config.file={settings}")

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What it prints, or says of what went wrong."""
        command = [programs()[1], *self._options, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stderr if code else done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--output=json"))


def check_config(file: Path) -> str:
    """What `amtool check-config` says."""
    command = [programs()[1], "check-config", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def routed(file: Path, labels: Sequence[str]) -> list[str]:
    """The receivers of `amtool config routes test`."""
    command = [programs()[1], "config", "routes", "test", f"--config.file={file}", *labels]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip().split(",")


@contextmanager
def running(folder: Path, configuration: str) -> Iterator[httpx.Client]:
    """A client of a real one that is ready; it ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alertmanager.yml").write_text(configuration)
    address = free_address()
    command = [programs()[0], f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}"]
    command += [f"--web.listen-address={address}", "--cluster.listen-address="]
    with (folder / "alertmanager.log").open("wb") as log:
        where = TEMPLATES if TEMPLATES.is_dir() else None
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=where)
    try:
        with httpx.Client(base_url=f"http://{address}", timeout=30) as client:

            def ready() -> bool:
                assert process.poll() is None, (folder / "alertmanager.log").read_text()
                try:
                    return client.get("/-/ready").status_code == 200
                except httpx.TransportError:
                    return False

            eventually(ready, seconds=START_SECONDS_MAX)
            yield client
    finally:
        process.terminate()
        process.wait()
