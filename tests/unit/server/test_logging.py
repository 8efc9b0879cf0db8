"""What the server writes to its own log."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, structlog
from midwatch.server.log_lines import configure_logging
configure_logging(sys.argv[1], "info")
def sign_in(password):
    raise ValueError("cannot sign in")
try:
    sign_in("correct-horse-" + "battery-staple")
except ValueError as error:
    structlog.get_logger().error("request.failed", exc_info=error)
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_has_no_values(log_format: str) -> None:
    """An error is logged with its place and without local variables, among which are passwords."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, log_format], capture_output=True, text=True, check=True, timeout=60
    )
    assert "cannot sign in" in done.stderr
    assert "sign_in" in done.stderr
    assert "correct-horse-battery-staple" not in done.stderr
