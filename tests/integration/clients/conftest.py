"""Programs that somebody else wrote, run as processes of their own."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tools import npm

NODE_CLIENTS = Path(__file__).parent / "node"
SECONDS_MAX = 60

RunNode = Callable[[str, Mapping[str, str]], bytes]


@pytest.fixture(scope="session")
def run_node() -> RunNode:
    """Run a script of the folder node with the packages of its lock file; what it wrote to its standard output."""
    environment = npm.node_environment()
    npm.install_packages(NODE_CLIENTS, environment)
    node = shutil.which("node", path=environment["PATH"])
    assert node is not None

    def run(script: str, variables: Mapping[str, str]) -> bytes:
        done = subprocess.run(
            [node, str(NODE_CLIENTS / script)],
            env={**environment, **variables},
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout

    return run
