"""Telemetry of days that lie behind, written through the doors that live telemetry takes."""

import importlib
import time
from collections.abc import Mapping

from examples.history.doors import Doors
from examples.history.history import History, Step
from examples.running.declared import System
from midwatch.cli.parts import say

__all__ = ["History", "Step", "write_history"]
SECONDS = {"h": 3600, "d": 86_400}


def write_history(system: System, ago: str, target: Mapping[str, str], key: str) -> None:
    """`ago`, such as `7d`, until now; `system.history` is the module whose `write(history)` says what happened."""
    began = time.monotonic()
    now = time.time()
    history = History(Doors(target, key), now - int(ago[:-1]) * SECONDS[ago[-1]], now, system.environment)
    say(f"writing what happened in the last {ago} …")
    importlib.import_module(system.history).write(history)
    history.flush()
    say(f"… written in {time.monotonic() - began:.0f} s")
