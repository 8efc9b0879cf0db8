"""A disk that can be filled: a tmpfs in a mount namespace of its own, which ends with the process that has it."""

import os
import subprocess
import sys
from pathlib import Path

KEPT = "as promised"
"""What a module prints last that was run on the disk and found everything as it should be."""


def run_on_small_disk(module: str, directory: Path, size: str, *, seconds: float) -> str:
    """Run `python -m <module> <directory>` with so small a disk there; what it printed."""
    mount = f'mount -t tmpfs -o size={size} none "$1" && exec "$2" -m {module} "$1"'
    alone = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run(
        [*alone, "sh", "-c", mount, "sh", str(directory), sys.executable],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f"{KEPT}\n"), done.stdout
    return done.stdout
