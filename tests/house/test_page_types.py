"""The page and the server speak of the same shapes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_types_of_the_page_are_the_shapes_of_the_api() -> None:
    """ui/src/api/schema.ts is what tools/write_api_types.py writes now."""
    command = [sys.executable, str(ROOT / "tools" / "write_api_types.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
