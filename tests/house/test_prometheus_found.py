"""Without a Prometheus the tests that let one scrape are skipped, except in continuous integration."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NONE = {"MIDWATCH_TEST_PROMETHEUS": "no-such-prometheus"}


def run(*command: str, ci: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**environment, **NONE, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_missing_prometheus_is_said_and_fails_where_ci_is_set(ci: str, code: int) -> None:
    """`make prometheus` ends well on a developer's machine and badly in a pipeline."""
    done = run("-c", "import tools.find_prometheus as b; b.fetch_prometheus = print; raise SystemExit(b.main())", ci=ci)
    assert (done.returncode, "none found" in done.stdout) == (code, True)


@pytest.mark.parametrize(("ci", "outcome"), [("", "skipped"), ("true", "error")])
def test_the_tests_are_counted_as_skipped_or_fail(ci: str, outcome: str) -> None:
    """What pytest reports of them without one."""
    files = ("tests/integration/sdk/test_prometheus.py", "-k", "uvicorn")
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *files, ci=ci)
    assert outcome in done.stdout, done.stdout
    assert "passed" not in done.stdout
