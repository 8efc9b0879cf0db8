"""Schemathesis asks a running server everything that its OpenAPI allows, and much that it does not."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import TOKEN, Server

NOT_ASKED = {
    "--exclude-path": "/api/v1/logs/tail",  # never ends
    # Not every word is a search and not every end lies behind its start, which OpenAPI cannot say; a query parameter
    # given twice counts once.
    "--exclude-checks": "positive_data_acceptance,negative_data_rejection",
}

CONFIGURATION = """
[[operations]]
include-path-regex = '^/api/v1/dashboards/[^/]+/versions'
checks.use_after_free.enabled = false
"""
"""The versions of a dashboard outlive it by 30 days, so that it can be restored."""


def explore(server: Server, folder: Path, *, seconds: int, examples: int, seed: int | None = None) -> None:
    """As an admin: no 5xx, no status, body or header that is not described. Leaves its notes in `folder`.

    Raises:
        AssertionError: with each finding and the request that shows it.
    """
    options = [part for pair in NOT_ASKED.items() for part in pair]
    options += ["--suppress-health-check", "all"]
    options += [] if seed is None else ["--seed", str(seed)]
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{server.url}/api/v1/openapi.json"),
            *("--header", f"Authorization: Bearer {TOKEN}", "--max-time", str(seconds), "-n", str(examples)),
            *("--request-timeout", "60", "--no-color", "--continue-on-failure", *options),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    found = done.stdout[max(0, done.stdout.find("= FAILURES =")) :]
    assert done.returncode == 0, found[:20_000] + done.stderr[-2000:]
    assert "Tested: 0" not in done.stdout, done.stdout
