"""Hatchling's build hook: the wheel holds the built page."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page for a wheel; an editable install leaves that to `make ui`."""
        root = Path(self.root)
        tool = root / "tools" / "build_page.py"
        if self.target_name != "wheel" or version == "editable" or not tool.is_file():
            return
        subprocess.run([sys.executable, str(tool)], check=True, cwd=root)
