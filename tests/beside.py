"""Packages that cannot be installed with the rest, for programs that are started with this environment."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BESIDE = {"PYTHONPATH": os.pathsep.join((str(ROOT / ".make" / "beside-packages"), *sys.path))}
"""`make test-python` puts them there: see the group `beside` in pyproject.toml."""
