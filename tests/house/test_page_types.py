"""The page and the server speak of the same shapes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_types_of_the_page_are_the_shapes_of_the_api() -> None:
    """ui/src/api/schema.ts is what tools/write_api_types.py writes now."""
    command = [sys.executable, str(ROOT / "tools" / "write_api_types.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("folder", "packages_min"), [("ui", 100), ("tests/integration/clients/node", 10)])
def test_lock_files_of_npm_name_hashes_and_no_addresses(folder: str, packages_min: int) -> None:
    """Every package is held by its hash, and none by where it was fetched from."""
    lock = (ROOT / folder / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > packages_min
