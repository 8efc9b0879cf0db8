"""Without a program from outside the tests that need it are skipped, except in continuous integration."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WITHOUT = {
    "browser": ("b.install_browser = print", "tests/browser/test_shell_pages.py", "signing"),
    "alertmanager": ("b.fetch_alertmanager = print", "tests/integration/alerting/test_amtool.py", "right"),
    "prometheus": ("b.fetch_prometheus = print", "tests/integration/sdk/test_prometheus.py", "uvicorn"),
}
"""What would get the program, and a test that needs it."""


def run(program: str, *command: str, ci: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**environment, f"MIDWATCH_TEST_{program.upper()}": "no-such-program", "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("program", WITHOUT)
@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_missing_program_is_said_and_fails_where_ci_is_set(program: str, ci: str, code: int) -> None:
    """`make browser` and its like end well on a developer's machine and badly in a pipeline."""
    find = f"import tools.find_{program} as b; {WITHOUT[program][0]}; raise SystemExit(b.main())"
    done = run(program, "-c", find, ci=ci)
    assert (done.returncode, "none found" in done.stdout) == (code, True)


@pytest.mark.parametrize("program", WITHOUT)
@pytest.mark.parametrize(("ci", "outcome"), [("", "skipped"), ("true", "error")])
def test_its_tests_are_counted_as_skipped_or_fail(program: str, ci: str, outcome: str) -> None:
    """What pytest reports of them without it."""
    _, file, chosen = WITHOUT[program]
    # Plugins of tools that play no part here take three seconds to load.
    without = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
    done = run(program, "-m", "pytest", "-q", *without, file, "-k", chosen, ci=ci)
    assert outcome in done.stdout, done.stdout
    assert "passed" not in done.stdout
