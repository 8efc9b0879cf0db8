"""Without a browser the page's tests are skipped, except in continuous integration."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NONE = {"MIDWATCH_TEST_BROWSER": "no-such-browser"}


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
def test_a_missing_browser_is_said_and_fails_where_ci_is_set(ci: str, code: int) -> None:
    """`make browser` ends well on a developer's machine and badly in a pipeline."""
    done = run("-c", "import tools.find_browser as b; b.install_browser = print; raise SystemExit(b.main())", ci=ci)
    assert (done.returncode, "none found" in done.stdout) == (code, True)


@pytest.mark.parametrize(("ci", "outcome"), [("", "skipped"), ("true", "error")])
def test_the_pages_tests_are_counted_as_skipped_or_fail(ci: str, outcome: str) -> None:
    """What pytest reports of a browser test without a browser."""
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/browser/test_shell_pages.py", "-k", "sign", ci=ci)
    assert outcome in done.stdout, done.stdout
    assert "passed" not in done.stdout
