"""A real Prometheus (`make prometheus` finds one), started for tests."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from tools.find_browser import must_be_found
from tools.find_prometheus import find_prometheus, find_promtool

from tests.eventually import eventually

START_SECONDS_MAX = 60.0


def program() -> str:
    """Its path; where there is none the test is skipped, and fails in CI."""
    found = find_prometheus()
    if found is None:
        assert not must_be_found(), "no Prometheus can be found, and CI is set: these tests may not be skipped here"
        pytest.skip("no Prometheus can be found; `make prometheus` says more")
    return found


def promtool() -> str:
    """It lies beside its Prometheus; where there is none the test is skipped, and fails in CI."""
    found = find_promtool() if program() else None
    assert found is not None, "no promtool beside the Prometheus that was found; `make prometheus` fetches both"
    return found


def free_address() -> str:
    """Where one may listen; a configuration that names it is written before it starts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as free:
        return f"127.0.0.1:{free.server_address[1]}"


@contextmanager
def running(folder: Path, address: str, configuration: str, features: str) -> Iterator[httpx.Client]:
    """A client of one that is ready; it ends with the block."""
    (folder / "prometheus.yml").write_text(configuration)
    command = [program(), f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    command += [f"--web.listen-address={address}", f"--enable-feature={features}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        with httpx.Client(base_url=f"http://{address}", timeout=30) as client:

            def ready() -> bool:
                assert process.poll() is None, (folder / "prometheus.log").read_text()
                try:
                    return client.get("/-/ready").status_code == 200
                except httpx.TransportError:
                    return False

            eventually(ready, seconds=START_SECONDS_MAX)
            yield client
    finally:
        process.terminate()
        process.wait()
